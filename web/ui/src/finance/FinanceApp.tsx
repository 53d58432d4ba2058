import { Suspense, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Redirect, Route, Switch, useLocation } from 'wouter'
import { can, useMe } from '../app/context'
import { LinkBanner } from '../app/LinkBanner'
import { NotHere } from '../app/NotHere'
import { Shell } from '../app/Shell'
import { cx } from '../design/cx'
import { Loading, Skeleton } from '../design/feedback'
import { Icon } from '../design/icons'
import { groups, sections, type Section } from './sections'

/** Money, for those who answer for it. Each section is a part of its own, loaded when it is opened. */
export default function FinanceApp() {
  const { t } = useTranslation()
  const me = useMe()
  const [path] = useLocation()
  const mine = sections.filter((s) => can(me, s.permission))
  return (
    <Shell>
      <LinkBanner />
      <div className="lg:grid lg:grid-cols-[12rem_minmax(0,1fr)] lg:items-start lg:gap-6">
        <nav aria-label={t('finance.title')} className="-mx-4 mb-4 flex gap-1 overflow-x-auto px-4 lg:sticky lg:top-20 lg:mx-0 lg:flex-col lg:gap-4 lg:px-0">
          {groups.map((g) => (
            <div key={g} className="flex gap-1 lg:flex-col lg:gap-0.5">
              <p className="px-3 text-xs font-semibold text-muted max-lg:hidden">{t(g)}</p>
              {mine
                .filter((s) => s.group === g)
                .map((s) => (
                  <Tab key={s.path} section={s} here={path === `/finance/${s.path}` || path.startsWith(`/finance/${s.path}/`)} />
                ))}
            </div>
          ))}
        </nav>
        <div className="min-w-0">
          <Suspense fallback={<Loading><Skeleton className="h-64 rounded-card" /></Loading>}>
            <Switch>
              {mine.map((s) => (
                <Route key={s.path} path={`/finance/${s.path}/*?`}>
                  {() => <s.page />}
                </Route>
              ))}
              {mine[0] && <Route path="/finance">{() => <Redirect to={`/finance/${mine[0]!.path}`} replace />}</Route>}
              <Route>{() => <NotHere />}</Route>
            </Switch>
          </Suspense>
        </div>
      </div>
    </Shell>
  )
}

/** A section's name: along the top of a phone, where the chosen one comes into sight by itself; down the side of a desk. */
function Tab({ section: s, here }: { section: Section; here: boolean }) {
  const { t } = useTranslation()
  const ref = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    if (here) ref.current?.scrollIntoView({ inline: 'center', block: 'nearest' })
  }, [here])
  return (
    <Link
      ref={ref}
      href={`/finance/${s.path}`}
      aria-current={here ? 'page' : undefined}
      className={cx(
        'flex min-h-11 items-center gap-2 border-b-2 px-3 text-[0.9375rem] font-semibold whitespace-nowrap lg:min-h-9 lg:rounded-control lg:border-b-0 lg:whitespace-normal',
        here ? 'border-brand text-brand lg:bg-brand-soft' : 'border-transparent text-muted hover:text-ink lg:hover:bg-sunken',
      )}
    >
      <Icon name={s.icon} size={18} />
      {t(s.label)}
    </Link>
  )
}
