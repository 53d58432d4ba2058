import { Route, Switch } from 'wouter'
import { AccountsPage } from './AccountsPage'
import { StatementPage } from './StatementPage'

export default function AccountsApp() {
  return (
    <Switch>
      <Route path="/finance/accounts/:code/:currency">{(p) => <StatementPage key={p.code + p.currency} code={decodeURIComponent(p.code)} currency={p.currency} />}</Route>
      <Route>{() => <AccountsPage />}</Route>
    </Switch>
  )
}
