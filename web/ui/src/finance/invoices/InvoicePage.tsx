import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { can, useHttp, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Icon } from '../../design/icons'
import { Document } from '../../invoices/Document'
import type { Invoice } from '../../invoices/types'
import { Shown } from '../Head'
import { every } from '../Page'
import { CreditSheet } from './CreditSheet'

/** A document that never changes: its lines down to each ride, what paid it, and what was taken back of it. */
export function InvoicePage({ id }: { id: string }) {
  const { t } = useTranslation()
  const http = useHttp()
  const me = useMe()
  const [crediting, setCrediting] = useState(false)
  const q = useQuery({ queryKey: ['invoices', 'one', id], refetchInterval: 4 * every, queryFn: ({ signal }) => http.get<Invoice>(`/v1/invoices/${id}`, { signal }) })
  return (
    <section aria-label={t('office.invoice')}>
      <Link href="/finance/invoices" className="mb-2 inline-flex min-h-9 items-center gap-1.5 font-semibold text-brand">
        <Icon name="back" size={18} />
        {t('invoices.title')}
      </Link>
      <Shown query={q}>
        {(i) => (
          <>
            <Document
              invoice={i}
              noteHref={(note) => `/finance/invoices/${note}`}
              actions={
                can(me, 'invoice.write') &&
                i.kind === 'invoice' &&
                leftOf(i) > 0 && (
                  <Button icon="swap" onClick={() => setCrediting(true)}>
                    {t('invoices.creditNote')}
                  </Button>
                )
              }
            />
            {i.corrects && (
              <p className="mt-4">
                <Link href={`/finance/invoices/${i.corrects}`} className="font-semibold text-brand underline">
                  {t('office.corrects')}
                </Link>
              </p>
            )}
            {crediting && <CreditSheet invoice={i} left={leftOf(i)} onClose={() => setCrediting(false)} />}
          </>
        )}
      </Shown>
    </section>
  )
}

/** What no credit note took back yet. */
const leftOf = (i: Invoice) => i.gross.amount + (i.credit_notes ?? []).reduce((sum, n) => sum + n.gross.amount, 0)
