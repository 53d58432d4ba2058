import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link, Route, Switch, useLocation } from 'wouter'
import { can, useFormats, useHttp, useMe } from '../app/context'
import { LinkBanner } from '../app/LinkBanner'
import { NotHere } from '../app/NotHere'
import { Shell } from '../app/Shell'
import { cx } from '../design/cx'
import { Chip } from '../design/feedback'
import type { Practice } from '../expert/types'
import { isProblem } from '../api/problem'
import { BoardPage } from './BoardPage'
import { ListenPage } from './ListenPage'
import { PracticesPage } from './PracticesPage'
import { ReportsPage } from './ReportsPage'

/** Queues and who serves them, for whoever runs them. */
export default function SupervisorApp() {
  const { t } = useTranslation()
  const f = useFormats()
  const me = useMe()
  const http = useHttp()
  const [path] = useLocation()
  const applied = useQuery({ queryKey: ['practices', 'applied'], queryFn: ({ signal }) => http.get<{ items: Practice[] }>('/v1/practices', { query: { state: 'applied', limit: 100 }, signal }), refetchInterval: 30_000 })
  const n = applied.data?.items.length ?? 0
  const whole = !(isProblem(applied.error) && applied.error.status === 403) // else they run some queues: who may practise is not theirs
  const tabs = ([
    ['/queues', 'queues.board'],
    ['/queues/experts', 'queues.experts'],
    ['/queues/reports', 'reports.title'],
  ] as const).slice(0, whole ? 3 : 1)
  const here = tabs.find(([href]) => href !== '/queues' && path.startsWith(href))?.[0] ?? '/queues'
  return (
    <Shell wide>
      <div className="flex flex-1 flex-col gap-3 px-3 py-2 sm:px-4">
        <LinkBanner strict className="mb-0" />
        <nav aria-label={t('queues.title')} className="flex gap-1 border-b border-edge">
          {tabs.map(([href, label]) => (
            <Link
              key={href}
              href={href}
              aria-current={here === href ? 'page' : undefined}
              className={cx('-mb-px flex min-h-10 items-center gap-2 border-b-2 px-3 font-semibold', here === href ? 'border-brand text-brand' : 'border-transparent text-muted hover:text-ink')}
            >
              {t(label)}
              {href === '/queues/experts' && n > 0 && <Chip tone="held">{t('queues.toDecide', { n: f.n(n) })}</Chip>}
            </Link>
          ))}
        </nav>
        <Switch>
          <Route path="/queues/experts">{() => <PracticesPage decides={can(me, 'queue.write')} />}</Route>
          <Route path="/queues/reports">{() => <ReportsPage decides={can(me, 'queue.write')} />}</Route>
          <Route path="/queues/:queue/sessions/:id">{(p) => <ListenPage key={p.id} id={p.id} home={`/queues/${p.queue}`} />}</Route>
          <Route path="/queues/:id">{(p) => <BoardPage id={p.id} whole={whole} />}</Route>
          <Route path="/queues">{() => <BoardPage id={null} whole={whole} />}</Route>
          <Route>{() => <NotHere />}</Route>
        </Switch>
      </div>
    </Shell>
  )
}
