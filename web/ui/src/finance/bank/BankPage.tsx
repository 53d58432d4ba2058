import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { can, useHttp, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Empty } from '../../design/feedback'
import { Head, Shown } from '../Head'
import { every } from '../Page'
import { ImportCard } from './ImportCard'
import type { BankLine } from './types'
import { WaitingLine } from './WaitingLine'

/** Money that came by bank: statements are taken in, and what no invoice was found for waits for a person. */
export default function BankPage() {
  const { t } = useTranslation()
  const http = useHttp()
  const me = useMe()
  const [importing, setImporting] = useState(false)
  const q = useQuery({ queryKey: ['bank', 'lines'], refetchInterval: 4 * every, queryFn: ({ signal }) => http.get<{ items: BankLine[] }>('/v1/bank/lines', { signal }) })
  const may = can(me, 'invoice.write')
  return (
    <section aria-label={t('office.bank')}>
      <Head title={t('office.bank')} query={q} each={4 * every}>
        {may && (
          <Button kind={importing ? 'quiet' : 'primary'} icon={importing ? 'close' : 'upload'} aria-expanded={importing} onClick={() => setImporting(!importing)}>
            {importing ? t('action.close') : t('office.importStatement')}
          </Button>
        )}
      </Head>
      {importing && <ImportCard />}
      <h2 className="mb-2 text-lg font-bold">{t('office.waiting')}</h2>
      <Shown query={q}>
        {(lines) =>
          lines.items.length === 0 ? (
            <Empty icon="check" title={t('office.noneWaits')} />
          ) : (
            <ul data-testid="bank-lines" className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
              {lines.items.map((l) => (
                <WaitingLine key={l.id} line={l} may={may} />
              ))}
            </ul>
          )
        }
      </Shown>
    </section>
  )
}
