package peer

import (
	"net/netip"
	"strconv"
	"strings"
)

// withoutAddresses takes out of a description every address that is not a relay's. What is kept of a line is built anew from
// what is understood; attributes that can carry an address and are not needed are left out.
func withoutAddresses(sdp string) string {
	var out strings.Builder
	for line := range strings.SplitSeq(strings.ReplaceAll(sdp, "\r", "\n"), "\n") {
		if line, ok := withoutAddress(line); ok {
			out.WriteString(line)
			out.WriteString("\r\n")
		}
	}
	return out.String()
}

func withoutAddress(line string) (string, bool) {
	kind, value, ok := strings.Cut(line, "=")
	if !ok || len(kind) != 1 {
		return "", false
	}
	switch kind {
	case "c":
		return "c=IN IP4 0.0.0.0", true
	case "o": // o=user id version IN IP4 address
		f := strings.Fields(value)
		if len(f) != 6 || !digits(f[1]) || !digits(f[2]) {
			return "", false
		}
		return "o=- " + f[1] + " " + f[2] + " IN IP4 127.0.0.1", true
	case "s":
		return "s=-", true
	case "i", "u", "e", "p", "k", "z", "r": // texts: nobody needs them
		return "", false
	case "a":
		return withoutAddressInAttribute(value)
	}
	return line, !holdsAddress(value)
}

func withoutAddressInAttribute(value string) (string, bool) {
	name, rest, _ := strings.Cut(value, ":")
	switch strings.ToLower(name) {
	case "candidate":
		c, ok := relayed("candidate:" + rest)
		return "a=" + c, ok
	case "rtcp":
		return "a=rtcp:9 IN IP4 0.0.0.0", true
	case "remote-candidates", "source-filter":
		return "", false
	}
	return "a=" + value, !holdsAddress(value)
}

// relayed is a candidate as the other may read it: a relay's, without the address that the relay saw.
//
//	candidate:foundation component transport priority address port typ relay raddr … rport … [name value]…
func relayed(line string) (string, bool) {
	f := strings.Fields(line)
	if len(f) < 8 || !strings.HasPrefix(f[0], "candidate:") || strings.ToLower(f[6]) != "typ" || strings.ToLower(f[7]) != "relay" {
		return "", false
	}
	component, e1 := strconv.ParseUint(f[1], 10, 8)
	priority, e2 := strconv.ParseUint(f[3], 10, 32)
	addr, e3 := netip.ParseAddr(f[4])
	port, e4 := strconv.ParseUint(f[5], 10, 16)
	transport := strings.ToLower(f[2])
	if e1 != nil || e2 != nil || e3 != nil || e4 != nil || addr.Zone() != "" || transport != "udp" || !word(f[0]) {
		return "", false
	}
	out := []string{f[0], strconv.FormatUint(component, 10), transport, strconv.FormatUint(priority, 10), addr.String(), strconv.FormatUint(port, 10),
		"typ", "relay", "raddr", "0.0.0.0", "rport", "0"}
	for i := 8; i+1 < len(f); i += 2 {
		switch name := strings.ToLower(f[i]); name {
		case "ufrag", "generation", "network-id", "network-cost":
			if word(f[i+1]) {
				out = append(out, name, f[i+1])
			}
		}
	}
	return strings.Join(out, " "), true
}

// holdsAddress says whether any word of a line is an address or a host's name on a local network.
func holdsAddress(line string) bool {
	for _, w := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t/,;=[]()<>\"'", r) }) {
		if addr, err := netip.ParseAddr(w); err == nil && !addr.IsUnspecified() {
			return true
		}
		if _, err := netip.ParseAddrPort(w); err == nil || strings.HasSuffix(strings.ToLower(w), ".local") {
			return true
		}
		if i := strings.IndexByte(w, ':'); i >= 0 {
			if addr, err := netip.ParseAddr(w[i+1:]); err == nil && !addr.IsUnspecified() {
				return true
			}
		}
	}
	return false
}

// word says that a value is one of ICE's own characters, and no address.
func word(s string) bool {
	s = strings.TrimPrefix(s, "candidate:")
	const ice = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	return s != "" && len(s) <= 256 && strings.Trim(s, ice) == ""
}

func digits(s string) bool {
	_, err := strconv.ParseUint(s, 10, 64)
	return err == nil
}
