# The layer rule bites: tiny projects with one wrong edge each must fail to configure, with a message that names
# the edge; the same project with right edges must configure.
#
#   cmake -D SOURCE_DIR=<repository> -D WORK_DIR=<scratch> -P layers_test.cmake

cmake_minimum_required(VERSION 3.25)

# Writes the project <name>: core, a port, an adapter and a service, with these DEPS, LIBS and #includes for the
# adapter, and configures it. Leaves the status in `status` and what CMake said, as one line, in `said`.
function(configure name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "" "ADAPTER_DEPS;ADAPTER_LIBS;ADAPTER_INCLUDES")
  set(dir ${WORK_DIR}/${name})
  file(REMOVE_RECURSE ${dir})
  file(WRITE ${dir}/src/core/core.cc "int core() { return 1; }\n")
  file(WRITE ${dir}/src/ports/port.cc "int port() { return 2; }\n")
  file(WRITE ${dir}/src/services/service.cc "int service() { return 3; }\n")
  file(WRITE ${dir}/src/adapters/adapter.cc "")
  foreach(include IN LISTS A_ADAPTER_INCLUDES)
    file(APPEND ${dir}/src/adapters/adapter.cc "#include \"${include}\"\n")
  endforeach()
  file(APPEND ${dir}/src/adapters/adapter.cc "int adapter() { return 4; }\n")
  list(JOIN A_ADAPTER_DEPS " " deps)
  list(JOIN A_ADAPTER_LIBS " " libs)
  file(WRITE ${dir}/CMakeLists.txt "cmake_minimum_required(VERSION 3.25)
project(layers LANGUAGES CXX)
include(${SOURCE_DIR}/cmake/Layers.cmake)
seshat_library(a_core LAYER core SOURCES src/core/core.cc)
seshat_library(a_port LAYER ports SOURCES src/ports/port.cc DEPS a_core)
seshat_library(a_service LAYER services SOURCES src/services/service.cc DEPS a_port)
seshat_library(an_adapter LAYER adapters SOURCES src/adapters/adapter.cc DEPS ${deps} LIBS ${libs})
seshat_check_layers()
")
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${dir} -B ${dir}/build
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  set(status ${result} PARENT_SCOPE)
  set(said "${output}" PARENT_SCOPE)
endfunction()

function(expect_refused name message)
  configure(${name} ${ARGN})
  if(status EQUAL 0)
    message(FATAL_ERROR "${name}: configured, although the layer rule is broken")
  endif()
  string(FIND "${said}" "${message}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${name}: expected '${message}' in: ${said}")
  endif()
  message("${name}: refused as it should be")
endfunction()

configure(right_edges ADAPTER_DEPS a_port a_core ADAPTER_INCLUDES ports/port.h core/core.h)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "right_edges: must configure, but: ${said}")
endif()

expect_refused(wrong_edge "layer rule broken: an_adapter (adapters) may not depend on a_service (services)"
  ADAPTER_DEPS a_port a_service)
expect_refused(wrong_include "(adapters) has #include \"services/service.h\"; see docs/architecture.md"
  ADAPTER_DEPS a_port ADAPTER_INCLUDES ports/port.h services/service.h)
expect_refused(edge_hidden_among_libraries "an_adapter lists a_service under LIBS"
  ADAPTER_DEPS a_port ADAPTER_LIBS a_service)
expect_refused(library_among_edges "lists a_library under DEPS, but it is no Seshat target" ADAPTER_DEPS a_library)
