import { useTranslation } from 'react-i18next'
import { useFormats } from '../app/context'
import { IconButton } from '../design/Button'

export function PartyStepper({ value, onChange, labelledBy, max = 9 }: { value: number; onChange: (n: number) => void; labelledBy: string; max?: number }) {
  const { t } = useTranslation()
  const f = useFormats()
  return (
    <div role="group" aria-labelledby={labelledBy} className="flex items-center gap-1 rounded-control border border-control bg-raised">
      <IconButton icon="minus" label={t('search.fewer')} disabled={value <= 1} onClick={() => onChange(value - 1)} />
      <output aria-live="polite" className="figures min-w-7 text-center text-lg font-bold">
        {f.n(value)}
      </output>
      <IconButton icon="plus" label={t('search.more')} disabled={value >= max} onClick={() => onChange(value + 1)} />
    </div>
  )
}
