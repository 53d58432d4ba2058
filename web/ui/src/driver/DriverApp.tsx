import { Route, Switch } from 'wouter'
import { LinkBanner } from '../app/LinkBanner'
import { Shell } from '../app/Shell'
import { DayPage } from './DayPage'
import { TripPage } from './TripPage'

export default function DriverApp() {
  return (
    <Shell>
      <LinkBanner strict />
      <Switch>
        <Route path="/drive/:line/:trip">{(p) => <TripPage key={p.trip} line={p.line} trip={p.trip} />}</Route>
        <Route>{() => <DayPage />}</Route>
      </Switch>
    </Shell>
  )
}
