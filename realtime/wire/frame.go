package wire

import "encoding/binary"

// Opcodes of RFC 6455 that a server writes.
const (
	opText  = 1
	opClose = 8
	opPing  = 9
)

// AppendHeader appends the header of one whole, unmasked text frame of n bytes.
func AppendHeader(dst []byte, n int) []byte { return appendHeader(dst, opText, n) }

func appendHeader(dst []byte, op byte, n int) []byte {
	dst = append(dst, 0x80|op)
	switch {
	case n < 126:
		return append(dst, byte(n))
	case n < 1<<16:
		return append(dst, 126, byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, 127), uint64(n))
}

// AppendFrame appends payload as one whole text frame.
func AppendFrame(dst, payload []byte) []byte {
	return append(AppendHeader(dst, len(payload)), payload...)
}

// Payload is what a whole, unmasked frame carries.
func Payload(frame []byte) []byte {
	switch frame[1] {
	case 126:
		return frame[4:]
	case 127:
		return frame[10:]
	}
	return frame[2:]
}

// Ping is the ping frame that all connections share.
var Ping = []byte{0x80 | opPing, 0}

// CloseFrame is a close frame; a reason that does not fit is cut.
func CloseFrame(code CloseCode, reason string) []byte {
	reason = reason[:min(len(reason), 123)]
	b := appendHeader(nil, opClose, 2+len(reason))
	return append(binary.BigEndian.AppendUint16(b, uint16(code)), reason...)
}

// CloseWordless is a close frame without a code, the answer to one.
var CloseWordless = []byte{0x80 | opClose, 0}

// IsClose says that a frame is a close.
func IsClose(frame []byte) bool { return len(frame) > 0 && frame[0]&0x0f == opClose }
