import './design/tokens.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Session } from './api/session'
import { App } from './app/App'
import { currentLocale, startI18n } from './i18n'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

const session = new Session(currentLocale())
// A refresh that fails leaves the session in the state `unreachable`, which the app draws.
void session.start().catch(() => undefined)
await startI18n()
createRoot(root).render(
  <StrictMode>
    <App session={session} />
  </StrictMode>,
)
