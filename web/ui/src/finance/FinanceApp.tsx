import { Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Redirect, Route, Switch, useLocation } from 'wouter'
import { can, useMe } from '../app/context'
import { LinkBanner } from '../app/LinkBanner'
import { NotHere } from '../app/NotHere'
import { Shell } from '../app/Shell'
import { cx } from '../design/cx'
import { Loading, Skeleton } from '../design/feedback'
import { Icon } from '../design/icons'
import { sections } from './sections'

/** Money, for those who answer for it. Each section is a part of its own, loaded when it is opened. */
export default function FinanceApp() {
  const { t } = useTranslation()
  const me = useMe()
  const [path] = useLocation()
  const mine = sections.filter((s) => can(me, s.permission))
  return (
    <Shell>
      <LinkBanner />
      <nav aria-label={t('finance.title')} className="-mx-4 mb-4 flex gap-1 overflow-x-auto px-4">
        {mine.map((s) => {
          const here = path.startsWith(`/finance/${s.path}`)
          return (
            <Link
              key={s.path}
              href={`/finance/${s.path}`}
              aria-current={here ? 'page' : undefined}
              className={cx('flex min-h-11 items-center gap-2 border-b-2 px-3 text-[0.9375rem] font-semibold whitespace-nowrap', here ? 'border-brand text-brand' : 'border-transparent text-muted hover:text-ink')}
            >
              <Icon name={s.icon} size={18} />
              {t(s.label)}
            </Link>
          )
        })}
      </nav>
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
    </Shell>
  )
}
