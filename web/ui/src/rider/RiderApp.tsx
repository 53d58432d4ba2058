import { lazy, Suspense } from 'react'
import { Route, Switch } from 'wouter'
import { Shell } from '../app/Shell'
import { LinkBanner } from '../app/LinkBanner'
import { NotHere } from '../app/NotHere'
import { Loading, Skeleton } from '../design/feedback'
import { SearchPage } from './SearchPage'

const BookingPage = lazy(() => import('./BookingPage'))
const PassesPage = lazy(() => import('./passes/PassesPage'))
const PassPage = lazy(() => import('./passes/PassPage'))
const WalletPage = lazy(() => import('./wallet/WalletPage'))
const CardsPage = lazy(() => import('./wallet/CardsPage'))
const BookingsPage = lazy(() => import('./BookingsPage'))

export default function RiderApp() {
  return (
    <Shell>
      <LinkBanner />
      <Suspense fallback={<Loading><Skeleton className="h-40" /></Loading>}>
        <Switch>
          <Route path="/bookings/:id">{(p) => <BookingPage key={p.id} id={p.id} />}</Route>
          <Route path="/bookings">{() => <BookingsPage />}</Route>
          <Route path="/passes/:id">{(p) => <PassPage key={p.id} id={p.id} />}</Route>
          <Route path="/passes">{() => <PassesPage />}</Route>
          <Route path="/wallet/cards">{() => <CardsPage />}</Route>
          <Route path="/wallet">{() => <WalletPage />}</Route>
          <Route path="/">{() => <SearchPage />}</Route>
          <Route>{() => <NotHere />}</Route>
        </Switch>
      </Suspense>
    </Shell>
  )
}
