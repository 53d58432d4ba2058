package demo

import "fmt"

// names are put together as first and last, each pair once.
type names struct {
	first, last []string
	locales     []string // of riders, in turn; empty is the tenant's
}

// at is the n-th name; names repeat only when all pairs are used.
func (n names) at(i int) string {
	f, l := len(n.first), len(n.last)
	return fmt.Sprintf("%s %s", n.first[i%f], n.last[(i+i/f*7)%l])
}

var moroccan = names{
	first: []string{"Amine", "Salma", "Youssef", "Imane", "Mehdi", "Khadija", "Omar", "Zineb", "Hamza", "Fatima-Zahra", "Anas", "Meryem",
		"Ayoub", "Hajar", "Reda", "Sara", "Ismaïl", "Ghita", "Soufiane", "Nour", "Bilal", "Loubna", "Tarik", "Asmae", "Adil", "Houda", "Yassine", "Kenza"},
	last: []string{"Benjelloun", "El Amrani", "Bennis", "Chraïbi", "El Fassi", "Tazi", "Lahlou", "Berrada", "Alaoui", "Bouzidi", "Ouazzani",
		"Naciri", "Sebti", "Idrissi", "Belkadi", "Mansouri", "Haddad", "Zniber", "Kabbaj", "Rami", "Skalli", "Ziani", "Filali"},
	locales: []string{"", "", "", "ar", "", "en", ""},
}

var emirati = names{
	first:   []string{"Mariam", "Ahmed", "Fatima", "Omar", "Aisha", "Sultan", "Reem", "Hamdan", "Priya", "Daniel", "Salma", "Yousef", "Anita", "Karim", "Elena", "Tariq", "Maha"},
	last:    []string{"Al Mansoori", "Al Hashimi", "Al Nuaimi", "Haddad", "Khoury", "Rahman", "Al Shamsi", "Menon", "Fernandes", "Al Zaabi", "Qureshi", "Nasser", "Sayegh"},
	locales: []string{"ar", "", "", "ar", "fr"},
}

var kenyan = names{
	first:   []string{"Brian", "Wanjiru", "Kevin", "Achieng", "Daniel", "Njeri", "Otieno", "Faith", "Mwangi", "Mercy", "Kiprop", "Aisha", "James", "Wambui"},
	last:    []string{"Kamau", "Ochieng", "Njoroge", "Mutua", "Wafula", "Kiptoo", "Odhiambo", "Maina", "Cheruiyot", "Hassan", "Nyambura", "Kariuki", "Omondi"},
	locales: []string{""},
}
