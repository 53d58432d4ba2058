import { lazy, type ComponentType, type LazyExoticComponent } from 'react'
import type { IconName } from '../design/icons'

export type Section = {
  path: string // under /finance; what is behind it belongs to it too
  icon: IconName
  label: 'finance.payments' | 'finance.accounts' | 'finance.events' | 'finance.findings' | 'cash.shifts' | 'payouts.title' | 'invoices.title'
  permission: string
  page: LazyExoticComponent<ComponentType>
}

/** The places of finance, in the order of the sub navigation; the first that a person may enter is where they land. */
export const sections: readonly Section[] = [
  { path: 'payments', icon: 'cash', label: 'finance.payments', permission: 'finance.read', page: lazy(() => import('./payments/PaymentsApp')) },
  { path: 'accounts', icon: 'list', label: 'finance.accounts', permission: 'finance.read', page: lazy(() => import('./accounts/AccountsApp')) },
  { path: 'events', icon: 'near', label: 'finance.events', permission: 'finance.read', page: lazy(() => import('./events/EventsPage')) },
  { path: 'findings', icon: 'warn', label: 'finance.findings', permission: 'finance.read', page: lazy(() => import('./findings/FindingsPage')) },
  { path: 'shifts', icon: 'cash', label: 'cash.shifts', permission: 'finance.read', page: lazy(() => import('./shifts/ShiftsPage')) },
  { path: 'payouts', icon: 'out', label: 'payouts.title', permission: 'finance.read', page: lazy(() => import('./payouts/PayoutsPage')) },
  { path: 'invoices', icon: 'list', label: 'invoices.title', permission: 'finance.read', page: lazy(() => import('./invoices/InvoicesPage')) },
]
