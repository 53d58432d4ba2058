import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Money } from '../../api/types'
import { useAction } from '../../app/action'
import { useFormats, useHttp } from '../../app/context'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Select } from '../../design/Field'
import { isKind } from '../accounts/kinds'
import { signs, type Sign } from '../bank/types'
import { CsvField, type Csv } from '../CsvField'
import { Sure } from '../Sure'
import { cell, figure, Table } from '../Table'

type Row = { account: string; amount: Money }
type Wish = { csv: string; decimal?: Sign }

/** Balances of a system before this one: read, shown, and taken over once, each against the migration account. */
export function OpeningCard() {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const [file, setFile] = useState<Csv>({ name: '', csv: '' })
  const [decimal, setDecimal] = useState<Sign | ''>('')
  const [kept, keep] = useState<{ body: Wish; rows: Row[] } | null>(null)
  const [asked, setAsked] = useState(false)
  const [done, setDone] = useState<{ accounts: number; known: number } | null>(null)
  const read = useAction(useCallback((body: Wish, key: string) => http.post<{ items: Row[] }>('/v1/opening/preview', { body, key, timeoutMs: 60_000 }), [http]))
  const apply = useAction(useCallback((body: Wish, key: string) => http.post<{ accounts: number; known: number }>('/v1/opening', { body, key, timeoutMs: 60_000 }), [http]))
  const body: Wish = { csv: file.csv, ...(decimal && { decimal }) }
  const seen = kept && kept.body.csv === body.csv && kept.body.decimal === body.decimal ? kept : null // what was read of other text, or otherwise, is not what would be taken over
  const rows = seen?.rows
  const look = async () => {
    keep(null)
    apply.clear()
    const r = await read.act(body)
    if (r) keep({ body, rows: r.items })
  }
  const go = async () => {
    if (!seen) return
    const r = await apply.act(seen.body)
    if (!r) return
    setAsked(false)
    keep(null)
    setDone(r)
    void cache.invalidateQueries({ queryKey: ['finance'] })
  }
  return (
    <section aria-labelledby="opening" className="flex flex-col gap-4 rounded-card border border-edge bg-surface p-4">
      <div>
        <h2 id="opening" className="text-lg font-bold">
          {t('office.opening')}
        </h2>
        <p className="text-sm text-muted">{t('office.openingHint')}</p>
      </div>
      <CsvField
        value={file}
        columns="account, currency, amount"
        onChange={(v) => {
          setFile(v)
          setAsked(false)
          setDone(null)
        }}
      />
      <div className="flex flex-wrap items-end gap-3">
        <Select
          label={t('bankDesk.decimal')}
          className="w-full sm:w-44"
          value={decimal}
          onChange={(e) => {
            setDecimal(e.target.value as Sign | '')
            setAsked(false)
          }}
        >
          <option value="">{t('bankDesk.tells')}</option>
          {signs.map((s) => (
            <option key={s} value={s}>
              {t(`bankDesk.sign.${s}`)}
            </option>
          ))}
        </Select>
        <Button icon="eye" className="min-h-12" busy={read.busy} disabled={file.csv.trim() === ''} onClick={() => void look()}>
          {t('office.look')}
        </Button>
      </div>
      {read.error !== null && <ErrorNote error={read.error} />}
      {rows && (
        <>
          <Table label={t('office.opening')} columns={[{ name: t('finance.account') }, { name: t('finance.balance'), end: true }]}>
            {rows.slice(0, 200).map((r) => {
              const kind = r.account.split(':')[0] ?? ''
              return (
                <tr key={r.account + r.amount.currency} className="border-b border-edge last:border-b-0">
                  <td className={cell}>
                    <span className="block font-semibold">{isKind(kind) ? t(`book.${kind}`) : kind}</span>
                    <code dir="ltr" className="break-all text-muted">
                      {r.account}
                    </code>
                  </td>
                  <td className={figure}>
                    <bdi>{f.exact(r.amount)}</bdi>
                  </td>
                </tr>
              )
            })}
          </Table>
          {rows.length > 200 && <p className="text-sm text-muted">{t('office.moreLines', { n: f.n(rows.length - 200) })}</p>}
          <Button kind="primary" size="lg" className="self-start" onClick={() => setAsked(true)}>
            {t('office.openingTake', { count: rows.length, n: f.n(rows.length) })}
          </Button>
          {asked && <Sure title={t('office.opening')} hint={t('office.openingOnce')} act={t('office.openingSure')} busy={apply.busy} error={apply.error} onSure={() => void go()} onClose={() => setAsked(false)} />}
        </>
      )}
      {done !== null && (
        <p role="status" className="font-semibold text-good">
          {t('office.openingDone', { count: done.accounts - done.known, n: f.n(done.accounts - done.known) })}{done.known > 0 && ` ${t('office.openingKnown', { n: f.n(done.known) })}`}
        </p>
      )}
    </section>
  )
}
