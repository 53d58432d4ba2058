package turn

import (
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// logs hands what pion says to our log, as debugging: what clients do wrong is counted, and none of it is ours. It may have
// addresses and user names in it, never a password.
type logs struct{ to *slog.Logger }

// NewLogger is pion's.
func (l logs) NewLogger(string) logging.LeveledLogger { return l }

func (l logs) say(text string)                   { l.to.Debug("turn", "says", text) }
func (l logs) Trace(string)                      {} // each packet
func (l logs) Tracef(string, ...any)             {}
func (l logs) Debug(string)                      {} // each message
func (l logs) Debugf(string, ...any)             {}
func (l logs) Info(text string)                  { l.say(text) }
func (l logs) Infof(format string, args ...any)  { l.say(fmt.Sprintf(format, args...)) }
func (l logs) Warn(text string)                  { l.say(text) }
func (l logs) Warnf(format string, args ...any)  { l.say(fmt.Sprintf(format, args...)) }
func (l logs) Error(text string)                 { l.say(text) }
func (l logs) Errorf(format string, args ...any) { l.say(fmt.Sprintf(format, args...)) }
