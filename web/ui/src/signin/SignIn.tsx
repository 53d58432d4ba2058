import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { isProblem } from '../api/problem'
import { useSession, useSessionState, useStored } from '../app/context'
import { LanguageChoice, ThemeChoice } from '../app/Preferences'
import { Button, IconButton } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Field } from '../design/Field'
import { Mark } from '../design/icons'
import { Ways } from './Ways'

export function SignIn() {
  const { t } = useTranslation()
  const session = useSession()
  const state = useSessionState()
  const [stored, remember] = useStored('waymeet.tenant', '')
  const [tenant, setTenant] = useState(() => new URLSearchParams(location.search).get('tenant') ?? stored)
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [shown, show] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)

  const submit = async (e: FormEvent) => {
    e.preventDefault()
    if (busy) return
    setBusy(true)
    setError(null)
    try {
      await session.signIn(tenant.trim(), email.trim(), password)
      remember(tenant.trim())
    } catch (problem) {
      setError(problem)
      setBusy(false)
    }
  }
  const at = (pointer: string) => (isProblem(error) ? error.errors.find((x) => x.pointer === pointer)?.detail : undefined)

  return (
    <div className="grid min-h-dvh lg:grid-cols-[1fr_1.1fr]">
      <main className="flex flex-col px-5 py-6 sm:px-10">
        <div className="flex items-center gap-2.5">
          <Mark size={32} />
          <span className="text-xl font-bold tracking-tight">Waymeet</span>
        </div>
        <div className="mx-auto flex w-full max-w-sm flex-1 flex-col justify-center py-8">
          <h1 className="text-3xl font-bold tracking-tight">{t('signin.title')}</h1>
          <p className="mt-2 text-muted">{t('signin.lead')}</p>
          {state.status === 'out' && state.expired && !error && (
            <p role="status" className="mt-4 rounded-control bg-held-soft p-3 text-sm font-medium text-held">
              {t('signin.expired')}
            </p>
          )}
          <form className="mt-6 flex flex-col gap-4" onSubmit={(e) => void submit(e)}>
            <Field label={t('signin.tenant')} hint={t('signin.tenantHint')} value={tenant} onChange={(e) => setTenant(e.target.value)} error={at('/tenant')} required autoComplete="organization" autoCapitalize="none" spellCheck={false} dir="ltr" className="[&_input]:rtl:text-end" />
            <Field label={t('signin.email')} type="email" value={email} onChange={(e) => setEmail(e.target.value)} error={at('/email')} required autoComplete="username" inputMode="email" dir="ltr" className="[&_input]:rtl:text-end" />
            <Field
              label={t('signin.password')}
              type={shown ? 'text' : 'password'}
              value={password}
              onChange={(e) => setPassword(e.target.value)}
              error={at('/password')}
              required
              autoComplete="current-password"
              end={<IconButton icon="eye" label={shown ? t('signin.hide') : t('signin.show')} aria-pressed={shown} onClick={() => show(!shown)} />}
            />
            {error !== null && <ErrorNote error={error} />}
            <Button kind="primary" size="lg" type="submit" busy={busy}>
              {t('signin.submit')}
            </Button>
          </form>
        </div>
        <div className="mx-auto flex w-full max-w-sm flex-col gap-3">
          <LanguageChoice hideLegend />
          <ThemeChoice hideLegend />
        </div>
      </main>
      <aside className="relative hidden overflow-hidden bg-[#0b4a44] lg:block" aria-hidden="true">
        <Ways />
        <span className="absolute inset-x-0 bottom-0 h-2/5 bg-linear-to-t from-[#0b4a44] from-35% to-transparent" />
        <p className="absolute inset-x-12 bottom-14 max-w-md text-3xl leading-snug font-semibold text-white">{t('signin.promise')}</p>
      </aside>
    </div>
  )
}
