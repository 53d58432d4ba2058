import { lazy, type ComponentType, type LazyExoticComponent } from 'react'
import type { IconName } from '../design/icons'

export type Section = {
  path: string // under /finance; what is behind it belongs to it too
  icon: IconName
  group: 'office.moneyGroup' | 'office.billingGroup'
  label: 'finance.payments' | 'finance.accounts' | 'finance.events' | 'finance.findings' | 'corrections.title' | 'cash.shifts' | 'payouts.title' | 'experts.title' | 'invoices.title' | 'office.receivables' | 'credits.title' | 'budgetAlerts.title' | 'office.bank' | 'office.books' | 'office.cases' | 'office.setup'
  permission: string
  page: LazyExoticComponent<ComponentType>
}

/** The places of finance, in the order of the sub navigation; the first that a person may enter is where they land. */
export const sections: readonly Section[] = [
  { path: 'payments', group: 'office.moneyGroup', icon: 'cash', label: 'finance.payments', permission: 'finance.read', page: lazy(() => import('./payments/PaymentsApp')) },
  { path: 'accounts', group: 'office.moneyGroup', icon: 'list', label: 'finance.accounts', permission: 'finance.read', page: lazy(() => import('./accounts/AccountsApp')) },
  { path: 'events', group: 'office.moneyGroup', icon: 'near', label: 'finance.events', permission: 'finance.read', page: lazy(() => import('./events/EventsPage')) },
  { path: 'findings', group: 'office.moneyGroup', icon: 'warn', label: 'finance.findings', permission: 'finance.read', page: lazy(() => import('./findings/FindingsPage')) },
  { path: 'corrections', group: 'office.moneyGroup', icon: 'swap', label: 'corrections.title', permission: 'finance.read', page: lazy(() => import('./corrections/CorrectionsPage')) },
  { path: 'shifts', group: 'office.moneyGroup', icon: 'cash', label: 'cash.shifts', permission: 'finance.read', page: lazy(() => import('./shifts/ShiftsPage')) },
  { path: 'payouts', group: 'office.moneyGroup', icon: 'out', label: 'payouts.title', permission: 'finance.read', page: lazy(() => import('./payouts/PayoutsPage')) },
  { path: 'experts', group: 'office.moneyGroup', icon: 'people', label: 'experts.title', permission: 'finance.read', page: lazy(() => import('./experts/ExpertsApp')) },
  { path: 'invoices', group: 'office.billingGroup', icon: 'list', label: 'invoices.title', permission: 'finance.read', page: lazy(() => import('./invoices/InvoicesApp')) },
  { path: 'receivables', group: 'office.billingGroup', icon: 'clock', label: 'office.receivables', permission: 'finance.read', page: lazy(() => import('./receivables/ReceivablesPage')) },
  { path: 'credits', group: 'office.billingGroup', icon: 'cash', label: 'credits.title', permission: 'finance.read', page: lazy(() => import('./credits/CreditsPage')) },
  { path: 'budgets', group: 'office.billingGroup', icon: 'warn', label: 'budgetAlerts.title', permission: 'finance.read', page: lazy(() => import('./budgets/BudgetsPage')) },
  { path: 'bank', group: 'office.billingGroup', icon: 'swap', label: 'office.bank', permission: 'finance.read', page: lazy(() => import('./bank/BankPage')) },
  { path: 'books', group: 'office.billingGroup', icon: 'lock', label: 'office.books', permission: 'finance.read', page: lazy(() => import('./books/BooksPage')) },
  { path: 'cases', group: 'office.billingGroup', icon: 'warn', label: 'office.cases', permission: 'finance.read', page: lazy(() => import('./cases/CasesApp')) },
  { path: 'setup', group: 'office.billingGroup', icon: 'settings', label: 'office.setup', permission: 'finance.read', page: lazy(() => import('./setup/SetupPage')) },
]

export const groups = ['office.moneyGroup', 'office.billingGroup'] as const
