import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useId, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../app/action'
import { useFormats, useHttp } from '../../app/context'
import type { Case } from '../../cases/types'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Field, inputLook } from '../../design/Field'
import { save, type Saved } from '../../invoices/types'
import { useWhen } from '../when'

type Wish = { says?: string; file?: string; data?: string }
const most = 2 << 20

/** What speaks for a case: words and files, and a form for more while it is open. */
export function Evidence({ case: c }: { case: Case }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const when = useWhen()
  const id = useId()
  const cache = useQueryClient()
  const [says, setSays] = useState('')
  const [file, setFile] = useState<File | null>(null)
  const [round, setRound] = useState(0) // a new input after each piece: a file that was chosen cannot be taken out of one
  const add = useAction(
    useCallback(
      async (body: Wish, key: string) => {
        await http.post<void>(`/v1/cases/${c.id}/evidence`, { body, key, timeoutMs: 60_000 })
        await cache.invalidateQueries({ queryKey: ['cases'] })
        return true
      },
      [http, c.id, cache],
    ),
  )
  const fetch = useAction(useCallback(async (evidence: string) => save(await http.get<Saved>(`/v1/cases/${c.id}/evidence/${evidence}`, { timeoutMs: 60_000 })), [http, c.id]))
  const big = file !== null && file.size > most
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    if (big || (file === null && says.trim() === '')) return
    const done = await add.act({ ...(says.trim() ? { says: says.trim() } : {}), ...(file ? { file: file.name.slice(0, 200), data: await base64(file) } : {}) })
    if (!done) return
    setSays('')
    setFile(null)
    setRound(round + 1)
  }
  return (
    <section aria-labelledby={`${id}-h`}>
      <h2 id={`${id}-h`} className="mb-2 text-lg font-bold">
        {t('office.evidence')}
      </h2>
      {c.evidence?.length ? (
        <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {c.evidence.map((e) => (
            <li key={e.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
              <span className="figures text-sm text-muted">
                <bdi>{when.short(e.at)}</bdi>
              </span>
              <span className="min-w-0 flex-1 basis-48 whitespace-pre-line break-words">
                <bdi>{e.says}</bdi>
              </span>
              {e.file && (
                <Button size="sm" className="min-h-11 sm:min-h-9" busy={fetch.busy} onClick={() => void fetch.act(e.id)}>
                  <bdi className="max-w-48 truncate">{e.file}</bdi>
                  <span className="figures text-muted">{t('office.kilobytes', { n: f.n(Math.max(1, Math.round((e.size ?? 0) / 1024))) })}</span>
                </Button>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <p className="text-muted">{t('office.noEvidence')}</p>
      )}
      {fetch.error !== null && <ErrorNote className="mt-2" error={fetch.error} />}
      {c.state === 'open' && (
        <form className="mt-3 grid items-end gap-3 rounded-card border border-edge bg-surface p-4 md:grid-cols-[1fr_1fr_auto]" noValidate onSubmit={(e) => void submit(e)}>
          <Field label={t('office.evidenceSays')} maxLength={2000} value={says} onChange={(e) => setSays(e.target.value)} />
          <div className="flex min-w-0 flex-col gap-1.5">
            <label htmlFor={id} className="text-sm font-semibold">
              {t('office.evidenceFile')}
            </label>
            <input key={round} id={id} type="file" accept="application/pdf,image/png,image/jpeg" className={`${inputLook} py-2.5`} onChange={(e) => setFile(e.target.files?.[0] ?? null)} />
          </div>
          <Button type="submit" className="min-h-12" busy={add.busy} disabled={big || (file === null && says.trim() === '')}>
            {t('office.evidenceAdd')}
          </Button>
          {big && <p className="text-sm font-medium text-bad md:col-span-3">{t('office.fileTooBig')}</p>}
          {add.error !== null && <ErrorNote className="md:col-span-3" error={add.error} />}
        </form>
      )}
    </section>
  )
}

/** A file as the API takes it. */
function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const r = new FileReader()
    r.onload = () => resolve(String(r.result).split(',')[1] ?? '')
    r.onerror = () => reject(r.error ?? new Error('unreadable'))
    r.readAsDataURL(file)
  })
}
