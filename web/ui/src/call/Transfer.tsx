import { useQuery } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useHttp } from '../app/context'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { ErrorNote, Loading, Skeleton } from '../design/feedback'
import { inputLook, Select } from '../design/Field'
import { Segments } from '../design/Segments'
import { Sheet } from '../design/Sheet'
import { Notice } from './Notice'
import type { CallRole, SessionDoc } from './types'

type Queue = { id: string; name: string; takes: boolean; modalities: string[] | null }
type Colleague = { id: string; name: string }
type Wish = { queue?: string; expert?: string; note: string }
type What = 'transfer' | 'second'

/** Which colleague is asked, and what they should know: whoever can of a queue, or one who is free. They take the client over, or come beside whoever asks. */
export function TransferSheet({ session, doc, onClose }: { session: string; doc: SessionDoc; onClose: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const [what, setWhat] = useState<What>('transfer')
  const [to, setTo] = useState('')
  const [note, setNote] = useState('')
  const queues = useQuery({ queryKey: ['queues'], queryFn: ({ signal }) => http.get<{ items: Queue[] }>('/v1/queues', { signal }) })
  const free = useQuery({ queryKey: ['colleagues', session], queryFn: ({ signal }) => http.get<{ items: Colleague[] }>(`/v1/sessions/${session}/colleagues`, { signal }), refetchInterval: 5_000 })
  const ask = useAction(useCallback((body: Wish, key: string) => http.post(`/v1/sessions/${session}/${what}`, { body, key }).then(() => true), [http, session, what]), `${what} ${session}`)
  const open = queues.data?.items.filter((q) => q.takes && (q.modalities === null || q.modalities.includes(doc.modality))) ?? []
  const value = to || (open[0] ? `queue ${open[0].id}` : '')
  const [kind, id] = value.split(' ') as ['queue' | 'expert', string]
  const failed = queues.error ?? free.error
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('call.transfer.title')} description={t(`call.${what}.hint`)}>
      {failed !== null && <ErrorNote error={failed} onRetry={() => void Promise.all([queues.refetch(), free.refetch()])} />}
      {queues.data === undefined ? (
        <Loading>
          <Skeleton className="h-40 rounded-card" />
        </Loading>
      ) : (
        <form
          className="flex flex-col gap-4"
          onSubmit={(e) => {
            e.preventDefault()
            void ask.act({ [kind]: id, note }).then((ok) => ok && onClose())
          }}
        >
          <Segments legend={t('call.transfer.what')} hideLegend value={what} options={(['transfer', 'second'] as const).map((value) => ({ value, label: t(`call.${value}.choice`) }))} onChange={setWhat} />
          <Select label={t('call.transfer.to')} value={value} onChange={(e) => setTo(e.target.value)} data-testid="transfer-to">
            <optgroup label={t('call.transfer.queues')}>
              {open.map((q) => (
                <option key={q.id} value={`queue ${q.id}`}>
                  {q.name}
                </option>
              ))}
            </optgroup>
            {free.data !== undefined && free.data.items.length > 0 && (
              <optgroup label={t('call.transfer.colleagues')}>
                {free.data.items.map((c) => (
                  <option key={c.id} value={`expert ${c.id}`}>
                    {c.name}
                  </option>
                ))}
              </optgroup>
            )}
          </Select>
          <label className="flex flex-col gap-1.5 text-sm font-semibold">
            {t('call.transfer.note')}
            <textarea rows={3} maxLength={2000} value={note} onChange={(e) => setNote(e.target.value)} className={cx(inputLook, 'py-2 font-normal')} dir="auto" />
            <span className="font-normal text-muted">{t('call.transfer.noteHint')}</span>
          </label>
          {ask.error !== null && <ErrorNote error={ask.error} />}
          <Button kind="primary" size="lg" type="submit" busy={ask.busy} disabled={value === ''}>
            {t('call.transfer.ask')}
          </Button>
        </form>
      )}
    </Sheet>
  )
}

/** Where a handover stands, for all who are in the call, and the way back from it. */
export function TransferNotice({ session, doc, role }: { session: string; doc: SessionDoc; role: CallRole | null }) {
  const { t } = useTranslation()
  const http = useHttp()
  const [seen, setSeen] = useState('')
  const back = useAction(useCallback((id: string, key: string) => http.post(`/v1/sessions/${session}/transfer/call-off`, { key }).then(() => id), [http, session]))
  const h = doc.transfer
  if (!h || h.state === 'done') return null
  const who = role === 'client' ? 'client' : 'staff'
  if (h.state === 'off') {
    if (h.reason === 'ended' || (h.reason === 'said' && who === 'staff') || seen === h.id) return null
    return (
      <Notice tone="held" icon="people" testid="transfer-off" action={<Button size="sm" onClick={() => setSeen(h.id)}>{t('call.transfer.seen')}</Button>}>
        {t(who === 'client' ? 'call.transfer.off.client' : offWords(h.reason))}
      </Notice>
    )
  }
  return (
    <Notice tone="held" icon="people" testid="transfer" action={<Button size="sm" busy={back.busy} onClick={() => void back.act(h.id)}>{t(`call.transfer.back.${who}`)}</Button>}>
      {t(`call.transfer.${h.state}.${who}`)}
    </Notice>
  )
}

const offWords = (reason: string | undefined) =>
  reason === 'declined' ? 'call.transfer.off.declined' : reason === 'no_client' ? 'call.transfer.off.noClient' : reason === 'funds' || reason?.startsWith('funds') || reason?.startsWith('payment') || reason?.startsWith('insufficient') ? 'call.transfer.off.funds' : 'call.transfer.off.staff'
