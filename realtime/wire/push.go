package wire

import "strconv"

// Documents, patches and data given to these functions are JSON already and go out as
// they are; names and sentences are quoted here.

// Hello is the first frame of a connection.
type Hello struct {
	Conn, Node, User, Epoch string
	PingMS, MaxFrame        int
	AuthExp                 int64
}

// AppendHello appends the first frame.
func AppendHello(dst []byte, h Hello) []byte {
	dst = AppendString(append(dst, `{"hello":{"conn":`...), h.Conn)
	dst = AppendString(append(dst, `,"node":`...), h.Node)
	dst = AppendString(append(dst, `,"user":`...), h.User)
	dst = AppendString(append(dst, `,"epoch":`...), h.Epoch)
	dst = strconv.AppendInt(append(dst, `,"ping_ms":`...), int64(h.PingMS), 10)
	dst = strconv.AppendInt(append(dst, `,"max_frame":`...), int64(h.MaxFrame), 10)
	dst = strconv.AppendInt(append(dst, `,"auth_exp":`...), h.AuthExp, 10)
	return append(dst, `}}`...)
}

// A push begins with its channel and goes on with what happened there. What happened is written once and shown under every name
// that a channel has.

// AppendHead appends the beginning of a channel's pushes.
func AppendHead(dst []byte, channel string) []byte {
	return AppendString(append(dst, `{"ch":`...), channel)
}

// AppendPush appends a push, framed.
func AppendPush(dst, head, tail []byte) []byte {
	dst = AppendHeader(dst, len(head)+len(tail))
	return append(append(dst, head...), tail...)
}

// AppendRenamed appends a push that AppendPush framed, under another head.
func AppendRenamed(dst, push, from, to []byte) []byte {
	return AppendPush(dst, to, Payload(push)[len(from):])
}

// PatchTail appends the step of an entity from one version to another.
func PatchTail(dst []byte, entity string, from, to uint64, patch []byte) []byte {
	dst = append(appendEntity(dst, entity), ',')
	return append(appendPatchBody(dst, from, to, patch), '}')
}

// DocumentTail appends a whole entity.
func DocumentTail(dst []byte, entity string, version uint64, doc []byte) []byte {
	dst = append(appendEntity(dst, entity), ',')
	return append(appendDocumentBody(dst, version, doc), '}')
}

// GoneTail says that an entity left the set.
func GoneTail(dst []byte, entity string, version uint64) []byte {
	dst = strconv.AppendUint(append(appendEntity(dst, entity), `,"v":`...), version, 10)
	return append(dst, `,"gone":true}`...)
}

func appendEntity(dst []byte, entity string) []byte {
	return AppendString(append(dst, `,"e":`...), entity)
}

func appendPatchBody(dst []byte, from, to uint64, patch []byte) []byte {
	dst = strconv.AppendUint(append(dst, `"v":`...), to, 10)
	if from+1 != to {
		dst = strconv.AppendUint(append(dst, `,"from":`...), from, 10)
	}
	return append(append(dst, `,"p":`...), patch...)
}

func appendDocumentBody(dst []byte, version uint64, doc []byte) []byte {
	dst = strconv.AppendUint(append(dst, `"v":`...), version, 10)
	return append(append(dst, `,"d":`...), doc...)
}

// SetPatch appends one member of a set, as the patch that a resuming client lacks. A set
// always names from: its reader has no frame before it to count from.
func SetPatch(dst []byte, entity string, from, to uint64, patch []byte) []byte {
	dst = append(AppendString(dst, entity), `:{"v":`...)
	dst = strconv.AppendUint(dst, to, 10)
	dst = strconv.AppendUint(append(dst, `,"from":`...), from, 10)
	return append(append(append(dst, `,"p":`...), patch...), '}')
}

// SetDocument appends one member of a set, whole.
func SetDocument(dst []byte, entity string, version uint64, doc []byte) []byte {
	dst = append(AppendString(dst, entity), ':', '{')
	return append(appendDocumentBody(dst, version, doc), '}')
}

// AppendSetPart appends a continuation of a large set; members are joined SetPatch and SetDocument.
func AppendSetPart(dst []byte, channel string, members []byte, more bool) []byte {
	dst = AppendString(append(dst, `{"ch":`...), channel)
	dst = append(append(append(dst, `,"set":{`...), members...), '}')
	if more {
		dst = append(dst, `,"more":true`...)
	}
	return append(dst, '}')
}

// SignalPush is a signal as clients get it.
type SignalPush struct {
	Sig, Key, From, At string
	Data               []byte
}

// SignalTail appends a signal.
func SignalTail(dst []byte, s SignalPush) []byte {
	return append(appendSignalBody(append(dst, ','), s, true), '}')
}

// AppendSignalMember appends a signal as a member of an answer's "sig", which is keyed by key.
func AppendSignalMember(dst []byte, s SignalPush) []byte {
	dst = append(AppendString(dst, s.Key), ':', '{')
	return append(appendSignalBody(dst, s, false), '}')
}

func appendSignalBody(dst []byte, s SignalPush, key bool) []byte {
	dst = AppendString(append(dst, `"sig":`...), s.Sig)
	if key && s.Key != "" {
		dst = AppendString(append(dst, `,"key":`...), s.Key)
	}
	if s.From != "" {
		dst = AppendString(append(dst, `,"from":`...), s.From)
	}
	dst = append(append(dst, `,"d":`...), s.Data...)
	return AppendString(append(dst, `,"at":`...), s.At)
}

// AppendClosed says that the server ended a subscription.
func AppendClosed(dst []byte, channel, code, message string) []byte {
	dst = AppendString(append(dst, `{"ch":`...), channel)
	dst = AppendString(append(dst, `,"closed":{"code":`...), code)
	dst = AppendString(append(dst, `,"message":`...), message)
	return append(dst, `}}`...)
}

// AppendBye tells a client to come back elsewhere after a random delay in the range.
func AppendBye(dst []byte, reason string, minMS, maxMS int) []byte {
	dst = AppendString(append(dst, `{"bye":{"reason":`...), reason)
	dst = strconv.AppendInt(append(dst, `,"retry_ms":[`...), int64(minMS), 10)
	dst = strconv.AppendInt(append(dst, ','), int64(maxMS), 10)
	return append(dst, `]}}`...)
}

// AppendOK appends an answer; body is a JSON value.
func AppendOK(dst []byte, id int64, body []byte) []byte {
	dst = strconv.AppendInt(append(dst, `{"id":`...), id, 10)
	return append(append(append(dst, `,"ok":`...), body...), '}')
}

// Refusal is why a request was not done.
type Refusal struct {
	Code, Message string
	Retry         bool
	Problem       []byte // RFC 9457, of a call
}

// AppendErr appends a refusal as an answer. Without an id (the request had none that could be read) the id is null.
func AppendErr(dst []byte, id int64, hasID bool, r Refusal) []byte {
	dst = append(dst, `{"id":`...)
	if hasID {
		dst = strconv.AppendInt(dst, id, 10)
	} else {
		dst = append(dst, "null"...)
	}
	return append(AppendRefusal(append(dst, `,"err":`...), r), '}')
}

// AppendRefusal appends the object that err holds.
func AppendRefusal(dst []byte, r Refusal) []byte {
	dst = AppendString(append(dst, `{"code":`...), r.Code)
	dst = AppendString(append(dst, `,"message":`...), r.Message)
	dst = strconv.AppendBool(append(dst, `,"retry":`...), r.Retry)
	if len(r.Problem) > 0 {
		dst = append(append(dst, `,"problem":`...), r.Problem...)
	}
	return append(dst, '}')
}
