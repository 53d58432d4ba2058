import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../design/Button'
import { Field } from '../design/Field'

/** For a ticket that no camera reads: the code printed under it. */
export function CodeForm({ onCode, disabled = false }: { onCode: (code: string) => void; disabled?: boolean }) {
  const { t } = useTranslation()
  const [code, setCode] = useState('')
  const submit = (e: FormEvent) => {
    e.preventDefault()
    if (!code.trim()) return
    onCode(code)
    setCode('')
  }
  return (
    <form onSubmit={submit} className="flex items-end gap-2">
      <Field label={t('drive.code')} value={code} onChange={(e) => setCode(e.target.value)} disabled={disabled} autoCapitalize="characters" autoComplete="off" spellCheck={false} enterKeyHint="go" dir="ltr" className="min-w-0 flex-1 [&_input]:font-mono [&_input]:text-lg" />
      <Button type="submit" size="lg" disabled={disabled || !code.trim()}>
        {t('drive.boardOne')}
      </Button>
    </form>
  )
}
