import { Route, Switch } from 'wouter'
import { ExpertPage } from './ExpertPage'
import { ExpertsPage } from './ExpertsPage'

export default function ExpertsApp() {
  return (
    <Switch>
      <Route path="/finance/experts/:id">{(p) => <ExpertPage key={p.id} id={p.id} />}</Route>
      <Route>{() => <ExpertsPage />}</Route>
    </Switch>
  )
}
