module dist

go 1.26.0
