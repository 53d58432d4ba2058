import { Route, Switch } from 'wouter'
import { PaymentPage } from './PaymentPage'
import { PaymentsPage } from './PaymentsPage'

export default function PaymentsApp() {
  return (
    <Switch>
      <Route path="/finance/payments/:id">{(p) => <PaymentPage key={p.id} id={p.id} />}</Route>
      <Route>{() => <PaymentsPage />}</Route>
    </Switch>
  )
}
