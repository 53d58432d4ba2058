import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { lazy, Suspense, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Redirect, Route, Switch } from 'wouter'
import type { Session } from '../api/session'
import { Button } from '../design/Button'
import { Empty, Loading } from '../design/feedback'
import { Mark } from '../design/icons'
import { chosenLocale, currentLocale, isLocale, setLocale } from '../i18n'
import { SignIn } from '../signin/SignIn'
import { can, SessionProvider, useMe, useSession, useSessionState } from './context'
import { LiveProvider } from './live'
import { NotHere } from './NotHere'
import { placesFor } from './places'
import { Shell } from './Shell'

const open = <T,>(door: { open: () => Promise<T> }) => door.open()

// Each role's screens are a part of their own: a rider's phone never loads the board or the map.
const RiderApp = lazy(() => import('../rider/RiderApp'))
const Advice = lazy(() => import('../client/door').then(open))
const Expert = lazy(() => import('../expert/door').then(open))
const Supervisor = lazy(() => import('../supervisor/door').then(open))
const Board = lazy(() => import('../dispatcher/BoardPage'))
const Drive = lazy(() => import('../driver/DriverApp'))
const Company = lazy(() => import('../employer/EmployerApp'))
const Cash = lazy(() => import('../cash/CashApp'))
const Finance = lazy(() => import('../finance/door').then(open))
const Admin = lazy(() => import('../admin/AdminPage'))

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: false, // Http repeats what may be repeated
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
})

export function App({ session }: { session: Session }) {
  return (
    <SessionProvider session={session}>
      <QueryClientProvider client={queries}>
        <Gate />
      </QueryClientProvider>
    </SessionProvider>
  )
}

function Gate() {
  const { t } = useTranslation()
  const session = useSession()
  const state = useSessionState()
  const profileLocale = state.status === 'in' ? state.me.locale : undefined
  useEffect(() => {
    // A person's own language, unless this device was told another one.
    if (!isLocale(profileLocale) || chosenLocale() !== null || profileLocale === currentLocale()) return
    session.speak(profileLocale)
    void setLocale(profileLocale, false)
  }, [profileLocale, session])
  useEffect(() => {
    if (state.status === 'out') queries.clear() // nothing of one person is left for the next
  }, [state.status])
  switch (state.status) {
    case 'unknown':
      return <Splash />
    case 'unreachable':
      return (
        <Empty icon="offline" title={t('state.unreachable')} action={<Button onClick={() => void session.start().catch(() => undefined)}>{t('action.retry')}</Button>}>
          {t('state.unreachableHint')}
        </Empty>
      )
    case 'out':
      return <SignIn />
    case 'in':
      return (
        <LiveProvider key={state.me.id}>
          <Rooms />
        </LiveProvider>
      )
  }
}

/** A room that a person may not enter is not there for them: never an empty board that looks alive. */
function Rooms() {
  const me = useMe()
  const home = placesFor(me)[0]?.href ?? '/'
  return (
    <Suspense fallback={<Splash />}>
      <Switch>
        {can(me, 'advice.ask') && <Route path="/advice/*?">{() => <Advice />}</Route>}
        {can(me, 'advice.ask') && home !== '/' && <Route path="/wallet/*?">{() => <RiderApp />}</Route>}
        {can(me, 'advice.give') && <Route path="/practice/*?">{() => <Expert />}</Route>}
        {can(me, 'queue.read') && <Route path="/queues/*?">{() => <Supervisor />}</Route>}
        {can(me, 'board.read') && <Route path="/board">{() => <Board />}</Route>}
        {can(me, 'boarding.write') && <Route path="/drive/*?">{() => <Drive />}</Route>}
        {can(me, 'company.manage') && <Route path="/company/*?">{() => <Company />}</Route>}
        {(can(me, 'cash.take') || can(me, 'boarding.write')) && <Route path="/cash">{() => <Cash />}</Route>}
        {can(me, 'finance.read') && <Route path="/finance/*?">{() => <Finance />}</Route>}
        {can(me, 'user.read') && <Route path="/admin/*?">{() => <Admin />}</Route>}
        {home === '/' ? <Route path="/*?">{() => <RiderApp />}</Route> : <Route path="/">{() => <Redirect to={home} replace />}</Route>}
        <Route>
          {() => (
            <Shell>
              <NotHere />
            </Shell>
          )}
        </Route>
      </Switch>
    </Suspense>
  )
}

function Splash() {
  return (
    <div className="grid min-h-dvh place-items-center">
      <Loading>
        <span className="block animate-breathe">
          <Mark size={56} />
        </span>
      </Loading>
    </div>
  )
}

