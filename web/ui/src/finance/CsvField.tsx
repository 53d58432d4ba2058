import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { cx } from '../design/cx'
import { inputLook } from '../design/Field'

export type Csv = { name: string; csv: string }

/** A file that is chosen, or the same pasted: whichever the bank's page gives. */
export function CsvField({ value, columns, onChange }: { value: Csv; columns: string; onChange: (v: Csv) => void }) {
  const { t } = useTranslation()
  const id = useId()
  const [unread, setUnread] = useState(false)
  const read = async (file: File | undefined) => {
    if (!file) return
    setUnread(false)
    try {
      onChange({ name: file.name.slice(0, 200), csv: await file.text() })
    } catch {
      setUnread(true)
    }
  }
  return (
    <div className="grid gap-4 md:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-1.5">
        <label htmlFor={id} className="text-sm font-semibold">
          {t('office.file')}
        </label>
        <input
          id={id}
          type="file"
          accept=".csv,text/csv,text/plain"
          aria-describedby={`${id}-h`}
          className={cx(inputLook, 'py-2.5')}
          onChange={(e) => {
            void read(e.target.files?.[0])
            e.target.value = '' // the same file, chosen again once it was corrected, is a change too
          }}
        />
        <p id={`${id}-h`} className="text-sm text-muted">
          {t('office.columns')}{' '}
          <code dir="ltr" className="break-words">
            {columns}
          </code>
        </p>
        {unread && (
          <p role="alert" className="text-sm font-medium text-bad">
            {t('office.unread')}
          </p>
        )}
      </div>
      <div className="flex min-w-0 flex-col gap-1.5">
        <label htmlFor={`${id}-t`} className="text-sm font-semibold">
          {t('office.paste')}
        </label>
        <textarea id={`${id}-t`} dir="ltr" rows={4} spellCheck={false} className={cx(inputLook, 'py-2.5 font-mono text-sm')} value={value.csv} onChange={(e) => onChange({ name: value.name, csv: e.target.value })} />
      </div>
    </div>
  )
}
