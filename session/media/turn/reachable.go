package turn

import "net/netip"

// special are public-looking ranges that lead somewhere else, or nowhere: see IANA's registries of special-purpose addresses. Private,
// loopback, link-local and multicast ranges are known to net/netip.
var special = prefixes(
	"0.0.0.0/8",        // this network
	"100.64.0.0/10",    // carriers' NAT, and a cloud's metadata (100.100.100.200)
	"168.63.129.16/32", // a cloud's host
	"192.0.0.0/24",     // protocol assignments, and a cloud's metadata (192.0.0.192)
	"192.0.2.0/24",     // documentation
	"192.88.99.0/24",   // 6to4 relays
	"198.18.0.0/15",    // benchmarks
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"240.0.0.0/4",      // reserved, and broadcast
	"::/96",            // IPv4 in IPv6's clothes: compatible
	"64:ff9b::/96",     // the same: translated
	"64:ff9b:1::/48",   // the same, locally
	"100::/64",         // discarded
	"2001::/23",        // protocol assignments: Teredo has IPv4 inside
	"2001:db8::/32",    // documentation
	"2002::/16",        // 6to4 has IPv4 inside
	"3fff::/20",        // documentation
	"5f00::/16",        // segment routing
	"fec0::/10",        // site-local, of old
)

// reachable says whether peers may be at an address.
func reachable(addr netip.Addr, also []netip.Prefix) bool {
	if !addr.IsValid() || addr.Zone() != "" {
		return false
	}
	addr = addr.Unmap()
	if within(addr, also) {
		return true
	}
	return addr.IsGlobalUnicast() && !addr.IsPrivate() && !within(addr, special)
}

func within(addr netip.Addr, networks []netip.Prefix) bool {
	for _, p := range networks {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, s := range texts {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}
