package crowd

import "math"

// On the scale of a city the earth is flat: a degree of longitude is shorter by the latitude's cosine.
const metresPerDegree = 111_195

func flat(from, to place) (east, north float64) {
	return (to.lon - from.lon) * metresPerDegree * math.Cos((from.lat+to.lat)/2*math.Pi/180), (to.lat - from.lat) * metresPerDegree
}

func metres(a, b place) float64 { return math.Hypot(flat(a, b)) }

// heading is the compass direction from a to b in degrees.
func heading(a, b place) float64 {
	east, north := flat(a, b)
	return math.Mod(math.Atan2(east, north)*180/math.Pi+360, 360)
}

// beside is how far p is from the stretch between a and b, and which part of it comes before that place.
func beside(p, a, b place) (distance, part float64) {
	bx, by := flat(a, b)
	px, py := flat(a, p)
	if length := bx*bx + by*by; length > 0 {
		part = min(1, max(0, (px*bx+py*by)/length))
	}
	return math.Hypot(px-part*bx, py-part*by), part
}

// decode reads an encoded polyline with five decimals; what follows a broken end is left out.
func decode(s string) (path []place) {
	lat, lon, i := 0, 0, 0
	number := func() (n int, ok bool) {
		for shift := 0; i < len(s) && shift < 35; shift += 5 {
			b := int(s[i]) - 63
			i++
			if b < 0 || b > 63 {
				return 0, false
			}
			n |= (b & 31) << shift
			if b < 32 {
				return (n >> 1) ^ -(n & 1), true
			}
		}
		return 0, false
	}
	for i < len(s) {
		dLat, ok := number()
		if !ok {
			break
		}
		dLon, ok := number()
		if !ok {
			break
		}
		lat, lon = lat+dLat, lon+dLon
		path = append(path, place{float64(lat) / 1e5, float64(lon) / 1e5})
	}
	return path
}
