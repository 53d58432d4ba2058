import { Route, Switch } from 'wouter'
import { BillPage } from './BillPage'
import { InvoicePage } from './InvoicePage'
import { InvoicesPage } from './InvoicesPage'

export default function InvoicesApp() {
  return (
    <Switch>
      <Route path="/finance/invoices/bill">{() => <BillPage />}</Route>
      <Route path="/finance/invoices/:id">{({ id }) => <InvoicePage key={id} id={id} />}</Route>
      <Route>{() => <InvoicesPage />}</Route>
    </Switch>
  )
}
