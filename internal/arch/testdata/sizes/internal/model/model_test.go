package model // want "file has 14 lines"

func allowed() {
	println(1)
	println(2)
}

func long() { // want "function long has 5 lines"
	println(1)
	println(2)
	println(3)
}

// The end.
