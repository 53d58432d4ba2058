import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Locale, Me } from '../api/types'
import { Segments } from '../design/Segments'
import { Icon } from '../design/icons'
import { localeNames, locales, setLocale } from '../i18n'
import { useSession } from './context'
import { currentTheme, setTheme, type Theme } from './theme'

export function LanguageChoice({ hideLegend = false }: { hideLegend?: boolean }) {
  const { t, i18n } = useTranslation()
  const session = useSession()
  const choose = async (lng: Locale) => {
    session.speak(lng)
    await setLocale(lng)
    if (session.state().status !== 'in') return
    try {
      session.updateMe(await session.http.patch<Me>('/v1/me', { body: { locale: lng } }))
    } catch {
      // The device speaks the language already; the profile follows the next time it is chosen with a network.
    }
  }
  return (
    <Segments
      legend={t('preferences.language')}
      hideLegend={hideLegend}
      value={i18n.language as Locale}
      options={locales.map((l) => ({ value: l, label: localeNames[l], lang: l }))}
      onChange={(l) => void choose(l)}
    />
  )
}

export function ThemeChoice({ hideLegend = false }: { hideLegend?: boolean }) {
  const { t } = useTranslation()
  const [theme, set] = useState(currentTheme)
  const choose = (v: Theme) => {
    setTheme(v)
    set(v)
  }
  return (
    <Segments
      legend={t('preferences.theme')}
      hideLegend={hideLegend}
      value={theme}
      onChange={choose}
      options={[
        { value: 'light', label: t('preferences.light'), content: <Icon name="sun" size={16} /> },
        { value: 'dark', label: t('preferences.dark'), content: <Icon name="moon" size={16} /> },
        { value: 'system', label: t('preferences.system'), content: <Icon name="system" size={16} /> },
      ]}
    />
  )
}
