package model // want "file has 17 lines"

func short() {
	println(1)
}

func long() { // want "function long has 4 lines"
	println(1)
	println(2)
}

func table() {
	println(1)
	println(2)
}

// The end.
