// Package cmake reads as much of CMake as the CMakeLists.txt of applications for
// Zephyr use: it runs the file and notes which sources, folders of headers,
// macros and generated files make the program.
package cmake
