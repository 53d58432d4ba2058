import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useId, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useFormats, useHttp } from '../app/context'
import { Button } from '../design/Button'
import { Chip, ErrorNote } from '../design/feedback'
import { inputLook } from '../design/Field'
import { Sheet } from '../design/Sheet'
import type { Applied, Organisation, Person, Preview } from './types'

type Upload = { file_name: string; csv: string }

/** A roster is read, shown as what it would change, and applied exactly as shown. */
export function RosterSheet({ company, onClose }: { company: Organisation; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const id = useId()
  const [shown, show] = useState<Preview | null>(null)
  const [done, setDone] = useState<Applied | null>(null)
  const [meant, setMeant] = useState(false)
  const preview = useAction(useCallback((v: Upload, key: string) => http.post<Preview>(`/v1/organisations/${company.id}/rosters`, { body: v, key, timeoutMs: 60_000 }), [http, company.id]))
  const apply = useAction(useCallback((v: { id: string; alarmed: boolean }, key: string) => http.post<Applied>(`/v1/rosters/${v.id}/apply`, { body: v.alarmed ? { alarmed: true } : {}, key, timeoutMs: 60_000 }), [http]))
  const read = async (file: File | undefined) => {
    if (!file) return
    show(null)
    setMeant(false)
    apply.clear()
    const p = await preview.act({ file_name: file.name.slice(0, 200), csv: await file.text() })
    if (p) show(p)
  }
  const confirm = async () => {
    if (!shown?.id) return
    const a = await apply.act({ id: shown.id, alarmed: shown.alarming && meant })
    if (!a) return
    setDone(a)
    void cache.invalidateQueries({ queryKey: ['members', company.id] })
    void cache.invalidateQueries({ queryKey: ['organisations'] })
  }
  const nothing = shown && shown.counts.joiners + shown.counts.leavers + shown.counts.changes === 0
  return (
    <Sheet
      open
      onOpenChange={(o) => !o && onClose()}
      title={t('employer.import')}
      description={t('employer.importHint')}
      place="side"
      footer={
        done ? (
          <Button kind="primary" size="lg" className="w-full" onClick={onClose}>
            {t('action.close')}
          </Button>
        ) : shown?.id && !nothing ? (
          <Button kind="primary" size="lg" className="w-full" busy={apply.busy} disabled={shown.alarming && !meant} onClick={() => void confirm()}>
            {t('employer.applyRoster')}
          </Button>
        ) : undefined
      }
    >
      {done ? (
        <p role="status" className="text-base">
          {t('employer.applied', { joined: f.n(done.joined), left: f.n(done.left), changed: f.n(done.changed) })}
        </p>
      ) : (
        <div className="flex flex-col gap-4">
          <div className="flex flex-col gap-1.5">
            <label htmlFor={id} className="text-sm font-semibold">
              {t('employer.file')}
            </label>
            <input id={id} type="file" accept=".csv,text/csv,text/plain" className={inputLook + ' py-2.5'} onChange={(e) => void read(e.target.files?.[0])} />
          </div>
          {preview.busy && <p role="status">{t('state.loading')}</p>}
          {preview.error !== null && <ErrorNote error={preview.error} />}
          {shown && (
            <div className="flex flex-col gap-4" role="status">
              {!shown.id && <p className="font-semibold text-bad">{t('employer.fileBad')}</p>}
              {nothing && shown.id && <p>{t('employer.nothingChanges')}</p>}
              {shown.findings.length > 0 && (
                <List title={t('employer.findings')} n={shown.findings.length}>
                  {shown.findings.map((x, i) => (
                    <li key={i} className="py-1.5 text-sm">
                      <span className="figures">{x.line ? t('employer.line', { n: f.n(x.line) }) : t('employer.wholeFile')}</span>{' '}
                      <code dir="ltr">{x.code}</code> {x.value && <bdi className="break-all text-muted">{x.value}</bdi>}
                    </li>
                  ))}
                </List>
              )}
              <People title={t('employer.joiners')} n={shown.counts.joiners} people={shown.joiners} tone="good" />
              <People title={t('employer.leavers')} n={shown.counts.leavers} people={shown.leavers} tone="bad" />
              {shown.counts.changes > 0 && (
                <List title={t('employer.changes')} n={shown.counts.changes}>
                  {shown.changes.map((c) => (
                    <li key={c.line} className="py-1.5">
                      <bdi className="font-semibold">{c.after.name}</bdi>
                      <p className="text-sm text-muted">
                        <bdi>{describe(c.before)}</bdi> → <bdi>{describe(c.after)}</bdi>
                      </p>
                    </li>
                  ))}
                </List>
              )}
              {shown.counts.conflicts > 0 && (
                <List title={t('employer.conflicts')} n={shown.counts.conflicts}>
                  {shown.conflicts.map((c, i) => (
                    <li key={i} className="py-1.5 text-sm">
                      <span className="figures">{t('employer.line', { n: f.n(c.line) })}</span> <code dir="ltr">{c.code}</code> <bdi className="break-all text-muted">{c.value}</bdi>
                    </li>
                  ))}
                </List>
              )}
              <p className="figures text-sm text-muted">{t('employer.unchanged', { n: f.n(shown.unchanged) })}</p>
              {shown.id && shown.alarming && (
                <label className="flex items-start gap-2 rounded-card border border-bad p-3 text-sm">
                  <input type="checkbox" className="mt-1 size-4" checked={meant} onChange={(e) => setMeant(e.target.checked)} />
                  {t('employer.alarming')}
                </label>
              )}
            </div>
          )}
          {apply.error !== null && <ErrorNote error={apply.error} />}
        </div>
      )}
    </Sheet>
  )
}

const describe = (p: Person) => [p.number, p.email, p.cost_centre].filter(Boolean).join(' · ')

function List({ title, n, children }: { title: string; n: number; children: ReactNode }) {
  const f = useFormats()
  return (
    <section>
      <h3 className="mb-1 flex items-center gap-2 font-bold">
        {title} <Chip>{f.n(n)}</Chip>
      </h3>
      <ul className="divide-y divide-edge">{children}</ul>
    </section>
  )
}

function People({ title, n, people, tone }: { title: string; n: number; people: Person[]; tone: 'good' | 'bad' }) {
  if (n === 0) return null
  return (
    <List title={title} n={n}>
      {people.map((p, i) => (
        <li key={i} className="py-1.5">
          <span aria-hidden className={tone === 'good' ? 'font-bold text-good' : 'font-bold text-bad'}>
            {tone === 'good' ? '+ ' : '− '}
          </span>
          <bdi className="font-semibold">{p.name}</bdi>
          <p className="text-sm break-all text-muted">
            <bdi>{describe(p)}</bdi>
          </p>
        </li>
      ))}
    </List>
  )
}
