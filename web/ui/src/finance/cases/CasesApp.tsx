import { Route, Switch } from 'wouter'
import { CasePage } from './CasePage'
import { CasesPage } from './CasesPage'

export default function CasesApp() {
  return (
    <Switch>
      <Route path="/finance/cases/:id">{({ id }) => <CasePage key={id} id={id} />}</Route>
      <Route>{() => <CasesPage />}</Route>
    </Switch>
  )
}
