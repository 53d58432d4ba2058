import { useCallback, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useFormats, useHttp, useStored } from '../app/context'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { ErrorNote } from '../design/feedback'
import { inputLook } from '../design/Field'
import { Icon } from '../design/icons'

/** One to five stars, and a few words. Once. */
export function RateCard({ session }: { session: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const name = useId()
  const [rated, setRated] = useStored<string[]>('waymeet.rated', [])
  const [stars, setStars] = useState(0)
  const [words, setWords] = useState('')
  const rate = useAction(useCallback((body: { stars: number; words?: string }, key: string) => http.post(`/v1/sessions/${session}/rating`, { body, key }).then(() => true), [http, session]), `rate ${session}`)
  const submit = async () => {
    const said = words.trim()
    if (await rate.act(said === '' ? { stars } : { stars, words: said })) setRated([session, ...rated].slice(0, 100))
  }
  if (rated.includes(session)) {
    return (
      <p role="status" className="flex items-center justify-center gap-2 rounded-card bg-good-soft p-4 font-semibold text-good">
        <Icon name="check" />
        {t('rate.thanks')}
      </p>
    )
  }
  return (
    <form
      className="flex flex-col gap-4 rounded-card border border-edge bg-surface p-5"
      onSubmit={(e) => {
        e.preventDefault()
        void submit()
      }}
    >
      <fieldset>
        <legend className="mb-2 w-full text-center text-lg font-bold">{t('rate.title')}</legend>
        <div className="flex justify-center gap-1">
          {[1, 2, 3, 4, 5].map((n) => (
            <label key={n} className={cx('relative grid size-12 cursor-pointer place-items-center rounded-full has-focus-visible:outline-3 has-focus-visible:outline-focus', n <= stars ? 'text-held' : 'text-muted')}>
              <input type="radio" name={name} value={n} checked={stars === n} onChange={() => setStars(n)} aria-label={t('rate.star', { count: n, n: f.n(n) })} className="absolute inset-0 cursor-pointer opacity-0" />
              <Icon name="star" size={32} {...(n <= stars ? { fill: 'currentColor' } : {})} />
            </label>
          ))}
        </div>
      </fieldset>
      {stars > 0 && (
        <>
          <label className="flex flex-col gap-1.5 text-sm font-semibold">
            {t('rate.words')}
            <textarea rows={3} maxLength={1000} value={words} onChange={(e) => setWords(e.target.value)} className={cx(inputLook, 'py-2 font-normal')} dir="auto" />
          </label>
          {rate.error !== null && <ErrorNote error={rate.error} />}
          <Button kind="primary" size="lg" type="submit" busy={rate.busy}>
            {t('rate.send')}
          </Button>
        </>
      )}
    </form>
  )
}
