import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../app/action'
import { can, useHttp, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Chip, ErrorNote } from '../../design/feedback'
import { Field, Select } from '../../design/Field'
import { Sheet } from '../../design/Sheet'
import { useWhen } from '../when'
import { Card } from './ExpertPage'
import { standing, standingTone, type Expert, type SellerAccount } from './experts'

type Link = { url: string; until: string }
type Opening = { country: string; business: 'individual' | 'company' }

/** An expert's own account at the gateway: opened here, filled in by themselves on a page whose address is passed on to them. */
export function AccountCard({ expert: e, onChange }: { expert: Expert; onChange: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const me = useMe()
  const when = useWhen()
  const [opening, setOpening] = useState(false)
  const [link, setLink] = useState<Link>()
  const [copied, setCopied] = useState(false)
  const path = `/v1/experts/${e.id}/account`
  const ask = useAction(useCallback((_: null, key: string) => http.post<Link>(`${path}/link`, { body: { back: window.location.href }, key }).then((l) => (setLink(l), setCopied(false), l)), [http, path]))
  const fresh = useAction(useCallback((_: null, key: string) => http.post<SellerAccount>(`${path}/refresh`, { key }).then((a) => (onChange(), a)), [http, path, onChange]))
  const a = e.account
  const s = standing(a)
  const may = can(me, 'payout.make')
  const error = ask.error ?? fresh.error
  return (
    <Card
      title={t('experts.gateway')}
      act={
        may &&
        (a ? (
          <>
            <Button size="sm" className="min-h-11 sm:min-h-9" busy={fresh.busy} onClick={() => void fresh.act(null)}>{t('experts.refresh')}</Button>
            {s !== 'good' && <Button size="sm" className="min-h-11 sm:min-h-9" busy={ask.busy} onClick={() => void ask.act(null)}>{t('experts.link')}</Button>}
          </>
        ) : (
          <Button size="sm" className="min-h-11 sm:min-h-9" onClick={() => setOpening(true)}>{t('experts.open')}</Button>
        ))
      }
    >
      <p className="flex flex-wrap items-center gap-2">
        <Chip tone={standingTone[s]}>{t(`experts.account.${s}`)}</Chip>
        {a && <span className="text-sm text-muted">{t('experts.seen', { date: when.short(a.seen_at) })}</span>}
      </p>
      {a && a.due.length > 0 && (
        <div className="mt-2">
          <p className="text-sm font-semibold">{a.deadline ? t('experts.dueBy', { date: when.short(a.deadline) }) : t('experts.due')}</p>
          <ul dir="ltr" className="text-start text-sm text-muted">
            {a.due.map((d) => (
              <li key={d}><code className="break-all">{d}</code></li>
            ))}
          </ul>
        </div>
      )}
      {link && (
        <div role="status" className="mt-3 rounded-control bg-sunken p-3 text-sm">
          <p>{t('experts.linkHint', { date: when.short(link.until) })}</p>
          <p className="mt-1 flex flex-wrap items-center gap-2">
            <a href={link.url} target="_blank" rel="noreferrer" dir="ltr" className="min-w-0 flex-1 break-all font-semibold text-brand underline">{link.url}</a>
            <Button size="sm" className="min-h-11 sm:min-h-9" onClick={() => void navigator.clipboard.writeText(link.url).then(() => setCopied(true))}>{t(copied ? 'experts.copied' : 'experts.copy')}</Button>
          </p>
        </div>
      )}
      {error !== null && <ErrorNote error={error} className="mt-3" />}
      {opening && <OpenSheet path={path} onClose={() => setOpening(false)} onDone={onChange} />}
    </Card>
  )
}

function OpenSheet({ path, onClose, onDone }: { path: string; onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const [country, setCountry] = useState('')
  const [business, setBusiness] = useState<Opening['business']>('individual')
  const open = useAction(useCallback((o: Opening, key: string) => http.post<SellerAccount>(path, { body: o, key }), [http, path]))
  const good = /^[A-Z]{2}$/.test(country)
  const submit = async (ev: FormEvent) => {
    ev.preventDefault()
    if (!good || !(await open.act({ country, business }))) return
    onDone()
    onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('experts.open')} description={t('experts.openHint')}>
      <form className="flex flex-col gap-4" onSubmit={(ev) => void submit(ev)}>
        <Field label={t('experts.country')} hint={t('experts.countryHint')} dir="ltr" maxLength={2} value={country} onChange={(ev) => setCountry(ev.target.value.toUpperCase())} required />
        <Select label={t('experts.business')} value={business} onChange={(ev) => setBusiness(ev.target.value as Opening['business'])}>
          <option value="individual">{t('experts.individual')}</option>
          <option value="company">{t('experts.company')}</option>
        </Select>
        {open.error !== null && <ErrorNote error={open.error} />}
        <Button type="submit" kind="primary" size="lg" busy={open.busy} disabled={!good}>{t('experts.open')}</Button>
      </form>
    </Sheet>
  )
}
