import { Route, Switch } from 'wouter'
import { LinkBanner } from '../app/LinkBanner'
import { NotHere } from '../app/NotHere'
import { Shell } from '../app/Shell'

export default function ClientApp() {
  return (
    <Shell>
      <LinkBanner />
      <Switch>
        <Route>{() => <NotHere />}</Route>
      </Switch>
    </Shell>
  )
}
