import { lazy, Suspense } from 'react'
import { Route, Switch } from 'wouter'
import { LinkBanner } from '../app/LinkBanner'
import { NotHere } from '../app/NotHere'
import { Shell } from '../app/Shell'
import { Loading, Skeleton } from '../design/feedback'
import { AskPage } from './AskPage'
import { People } from './peopleDoor'

const WaitPage = lazy(() => import('./WaitPage'))
const BookPage = lazy(() => import('./BookPage'))
const AppointmentPage = lazy(() => import('./AppointmentPage'))
const SessionPage = lazy(() => import('./SessionPage'))

export default function ClientApp() {
  return (
    <Shell>
      <LinkBanner />
      <Suspense fallback={<Loading><Skeleton className="h-40" /></Loading>}>
        <Switch>
          <Route path="/advice/requests/:id">{(p) => <WaitPage key={p.id} id={p.id} />}</Route>
          <Route path="/advice/sessions/:id">{(p) => <SessionPage key={p.id} id={p.id} />}</Route>
          <Route path="/advice/appointments/new">{() => <BookPage />}</Route>
          <Route path="/advice/appointments/:id">{(p) => <AppointmentPage key={p.id} id={p.id} />}</Route>
          <Route path="/advice/people">{() => <People home="/advice" favourites />}</Route>
          <Route path="/advice">{() => <AskPage />}</Route>
          <Route>{() => <NotHere />}</Route>
        </Switch>
      </Suspense>
    </Shell>
  )
}
