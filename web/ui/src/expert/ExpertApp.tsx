import { useQueryClient } from '@tanstack/react-query'
import { Suspense, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Redirect, Route, Switch, useLocation } from 'wouter'
import { useStored } from '../app/context'
import { LinkBanner } from '../app/LinkBanner'
import { NotHere } from '../app/NotHere'
import { Shell } from '../app/Shell'
import { People } from '../client/peopleDoor'
import { cx } from '../design/cx'
import { Loading, Skeleton } from '../design/feedback'
import { DeskPage } from './DeskPage'
import { EarningsPage } from './EarningsPage'
import { ProfilePage } from './ProfilePage'
import { RingCard } from './RingCard'
import { useBell, useRings } from './rings'
import { SessionPage } from './SessionPage'

const tabs = [
  ['/practice', 'practice.desk'],
  ['/practice/earnings', 'practice.earnings'],
  ['/practice/profile', 'practice.profile'],
] as const

/** Giving advice: whether one is there, what rings, the call, what it brought. What rings is above whatever page is open. */
export default function ExpertApp() {
  const { t } = useTranslation()
  const [path] = useLocation()
  const cache = useQueryClient()
  const { rings } = useRings()
  const [muted, setMuted] = useStored('waymeet.expert.mute', false)
  useBell(rings.length > 0, muted)
  const before = useRef(rings.length)
  useEffect(() => {
    // A ring that is over may have been let pass: then we are asked whether we are there.
    if (rings.length < before.current) void cache.invalidateQueries({ queryKey: ['practice'] })
    before.current = rings.length
  }, [rings.length, cache])
  const calling = path.startsWith('/practice/session/')
  return (
    <Shell>
      <LinkBanner strict />
      <div className="mx-auto flex w-full max-w-2xl flex-1 flex-col gap-4">
        {!calling && (
          <nav aria-label={t('practice.title')} className="-mt-2 flex gap-1 border-b border-edge">
            {tabs.map(([href, label]) => (
              <Link
                key={href}
                href={href}
                aria-current={path === href ? 'page' : undefined}
                className={cx('-mb-px flex min-h-11 items-center border-b-2 px-3 font-semibold', path === href ? 'border-brand text-brand' : 'border-transparent text-muted hover:text-ink')}
              >
                {t(label)}
              </Link>
            ))}
          </nav>
        )}
        {rings.length > 0 && (
          <section aria-label={t('practice.rings')} aria-live="assertive" className={cx('flex flex-col gap-3', calling && 'fixed inset-x-4 top-4 z-50 mx-auto max-w-md')}>
            {rings.map((r) => (
              <RingCard key={r.id} ring={r} />
            ))}
          </section>
        )}
        <Suspense fallback={<Loading><Skeleton className="h-40" /></Loading>}>
          <Switch>
            <Route path="/practice">{() => <DeskPage ringing={rings.length > 0} muted={muted} mute={setMuted} />}</Route>
            <Route path="/practice/earnings">{() => <EarningsPage />}</Route>
            <Route path="/practice/people">{() => <People home="/practice/profile" />}</Route>
            <Route path="/practice/profile">{() => <ProfilePage />}</Route>
            <Route path="/practice/session/:id">{(p) => <SessionPage key={p.id} id={p.id} />}</Route>
            <Route path="/practice/session">{() => <Redirect to="/practice" replace />}</Route>
            <Route>{() => <NotHere />}</Route>
          </Switch>
        </Suspense>
      </div>
    </Shell>
  )
}
