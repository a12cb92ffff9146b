# The layer rule bites: a small project with one wrong edge, or one wrong #include, must fail to configure with a
# message that names it; the same project with right ones must configure. Every rule of cmake/Layers.cmake has a case.
#
#   cmake -D SOURCE_DIR=<repository> -D WORK_DIR=<scratch> -P layers_test.cmake

cmake_minimum_required(VERSION 3.25)

# The targets of the project: "<name>|<layer>|<folder below src>|<public headers>|<deps>". A folder has the headers
# "open" and "inner"; where there are public headers, the inner one is not among them.
set(TARGETS
  "a_core|core|core/base||"
  "a_port|ports|ports||a_core"
  "a_platform|platform|platform/http|open.h|a_port"
  "a_server|platform|platform/http_server|open.h|a_port"
  "a_service|services|services/catalog|open.h|a_port"
  "a_migration|services|services/migration|open.h|a_port"
  "an_adapter|adapters|adapters/alpha|open.h|a_port a_platform"
  "a_second_adapter|adapters|adapters/beta|open.h|a_port"
  "a_provisioning|provisioning|provisioning|open.h|an_adapter"
  "a_suite|conformance|conformance/blob_store||a_port"
  "a_view|views|views|open.h|a_service"
  "an_api|api|api|open.h|a_view a_server"
  "a_lambda|lambda|lambda|open.h|a_view a_composition"
  "a_composition|composition|composition|open.h|an_adapter a_service"
  "a_cli|cli|cli|open.h|a_view a_composition")
# Folders with headers and no target of their own.
set(FOLDERS core/digest core/records core/metadata core/query services/records services/consuming
    services/migration/base services/migration/rules services/migration/scan services/migration/upload)

# Writes the project and configures it. DEPS: "<target>|<dep>" more edges. LIBS: the same, under LIBS. INCLUDES:
# "<folder>|<header>" more includes, in a .cc file of that folder. PUBLIC: "<target>|<header>" more headers under PUBLIC.
# Leaves the status in `status` and what CMake said, as one line, in `said`.
function(configure)
  cmake_parse_arguments(PARSE_ARGV 0 A "" "" "DEPS;LIBS;INCLUDES;PUBLIC")
  set(dir ${WORK_DIR}/project)
  file(REMOVE_RECURSE ${dir}/src)
  set(root "cmake_minimum_required(VERSION 3.25)\nproject(layers LANGUAGES CXX)\n")
  string(APPEND root "include(${SOURCE_DIR}/cmake/Layers.cmake)\n")
  foreach(line IN LISTS TARGETS)
    string(REPLACE "|" ";" parts "${line};")
    list(GET parts 0 name)
    list(GET parts 1 layer)
    list(GET parts 2 folder)
    list(GET parts 3 public)
    list(GET parts 4 deps)
    _more("${A_DEPS}" ${name} deps)
    _more("${A_LIBS}" ${name} libs)
    _more("${A_PUBLIC}" ${name} public)
    _write_folder(${dir} ${folder} "${A_INCLUDES}")
    if(public)
      set(public "PUBLIC ${public}")
    endif()
    file(WRITE ${dir}/src/${folder}/CMakeLists.txt
      "seshat_library(${name} LAYER ${layer} SOURCES file.cc ${public} DEPS ${deps} LIBS ${libs})\n")
    string(APPEND root "add_subdirectory(src/${folder})\n")
    unset(libs)
  endforeach()
  foreach(folder IN LISTS FOLDERS)
    _write_folder(${dir} ${folder} "${A_INCLUDES}")
  endforeach()
  string(APPEND root "seshat_check_layers()\n")
  file(WRITE ${dir}/CMakeLists.txt "${root}")
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${dir} -B ${dir}/build
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  set(status ${result} PARENT_SCOPE)
  set(said "${output}" PARENT_SCOPE)
endfunction()

# Appends what `pairs` has for `name` to the words in `out`.
function(_more pairs name out)
  set(words "${${out}}")
  foreach(pair IN LISTS pairs)
    if(pair MATCHES "^${name}\\|(.*)$")
      string(APPEND words " ${CMAKE_MATCH_1}")
    endif()
  endforeach()
  set(${out} "${words}" PARENT_SCOPE)
endfunction()

function(_write_folder dir folder includes)
  set(text "")
  foreach(pair IN LISTS includes)
    if(pair MATCHES "^${folder}\\|(.*)$")
      string(APPEND text "#include \"${CMAKE_MATCH_1}\"\n")
    endif()
  endforeach()
  string(MAKE_C_IDENTIFIER ${folder} identifier)
  file(WRITE ${dir}/src/${folder}/file.cc "${text}int ${identifier}() { return 1; }\n")
  file(WRITE ${dir}/src/${folder}/open.h "")
  file(WRITE ${dir}/src/${folder}/inner.h "")
endfunction()

function(expect_accepted name)
  configure(${ARGN})
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${name}: must configure, but: ${said}")
  endif()
  message("${name}: accepted as it should be")
endfunction()

function(expect_refused name message)
  configure(${ARGN})
  if(status EQUAL 0)
    message(FATAL_ERROR "${name}: configured, although a rule is broken")
  endif()
  string(FIND "${said}" "${message}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${name}: expected '${message}' in: ${said}")
  endif()
  message("${name}: refused as it should be")
endfunction()

# A wrong include: "<folder>|<header>", and what the message must say.
function(expect_include_refused folder header message)
  expect_refused("${folder} includes ${header}" "${message}" INCLUDES "${folder}|${header}")
endfunction()

function(expect_edge_refused target layer dep dep_layer)
  expect_refused("${target} needs ${dep}"
    "layer rule broken: ${target} (${layer}) may not depend on ${dep} (${dep_layer})" DEPS "${target}|${dep}")
endfunction()

expect_accepted("right edges and includes"
  INCLUDES
    "core/digest|core/base/open.h" "core/records|core/digest/open.h" "core/metadata|core/base/open.h"
    "core/query|core/metadata/open.h" "core/query|core/records/open.h"
    "ports|core/query/open.h"
    "platform/http|ports/open.h" "platform/http|platform/http_server/open.h"
    "services/catalog|services/records/open.h"
    "services/migration/rules|services/migration/base/open.h"
    "services/migration/scan|services/migration/rules/open.h"
    "services/migration/upload|services/migration/scan/open.h"
    "services/migration|services/migration/upload/open.h"
    "adapters/alpha|platform/http/open.h" "adapters/alpha|adapters/alpha/inner.h"
    "views|services/catalog/open.h"
    "api|views/open.h" "api|platform/http_server/open.h" "api|services/catalog/open.h"
    "lambda|composition/open.h" "lambda|views/open.h"
    "provisioning|adapters/alpha/open.h"
    "composition|adapters/alpha/open.h" "composition|provisioning/open.h"
    "cli|composition/open.h" "cli|views/open.h"
    "conformance/blob_store|ports/open.h")

# Edges between targets.
expect_edge_refused(a_core core a_port ports)
expect_edge_refused(a_port ports a_platform platform)
expect_edge_refused(a_platform platform an_adapter adapters)
expect_edge_refused(a_service services a_platform platform)
expect_edge_refused(a_service services an_adapter adapters)
expect_edge_refused(a_second_adapter adapters an_adapter adapters)
expect_edge_refused(an_adapter adapters a_service services)
expect_edge_refused(a_suite conformance an_adapter adapters)
expect_edge_refused(a_view views an_adapter adapters)
expect_edge_refused(an_api api a_composition composition)
expect_edge_refused(a_lambda lambda a_cli cli)
expect_edge_refused(a_composition composition a_view views)
expect_edge_refused(a_cli cli an_adapter adapters)
expect_refused("an edge hidden among libraries" "an_adapter lists a_service under LIBS" LIBS "an_adapter|a_service")
expect_refused("a library among edges" "lists a_library under DEPS, but it is no Seshat target"
  DEPS "an_adapter|a_library")

# Includes that need no edge.
expect_include_refused(core/base ports/open.h "(core) has #include \"ports/open.h\"; see docs/architecture.md")
expect_include_refused(ports platform/http/open.h "(ports) has #include \"platform/http/open.h\"")
expect_include_refused(platform/http adapters/alpha/open.h "(platform) has #include \"adapters/alpha/open.h\"")
expect_include_refused(platform/http services/catalog/open.h "(platform) has #include \"services/catalog/open.h\"")
expect_include_refused(services/catalog platform/http/open.h "(services) has #include \"platform/http/open.h\"")
expect_include_refused(services/catalog adapters/alpha/open.h "(services) has #include \"adapters/alpha/open.h\"")
expect_include_refused(services/catalog views/open.h "(services) has #include \"views/open.h\"")
expect_include_refused(adapters/alpha adapters/beta/open.h
  "adapters/alpha/file.cc has #include \"adapters/beta/open.h\": what adapters share belongs into src/platform")
expect_include_refused(conformance/blob_store adapters/alpha/open.h "(conformance) has #include \"adapters/alpha")
expect_include_refused(views adapters/alpha/open.h "(views) has #include \"adapters/alpha/open.h\"")
expect_include_refused(views composition/open.h "(views) has #include \"composition/open.h\"")
expect_include_refused(api composition/open.h "(api) has #include \"composition/open.h\"")
expect_include_refused(api adapters/alpha/open.h "(api) has #include \"adapters/alpha/open.h\"")
expect_include_refused(api platform/http/open.h "folder rule broken: api/file.cc has #include \"platform/http/open.h\"")
expect_include_refused(lambda cli/open.h "(lambda) has #include \"cli/open.h\"")
expect_include_refused(lambda adapters/alpha/open.h "(lambda) has #include \"adapters/alpha/open.h\"")
expect_include_refused(cli adapters/alpha/open.h "(cli) has #include \"adapters/alpha/open.h\"")
expect_include_refused(composition views/open.h "(composition) has #include \"views/open.h\"")

# Folders of one layer.
expect_include_refused(core/base core/digest/open.h
  "folder rule broken: core/base/file.cc has #include \"core/digest/open.h\", but core/base may use only itself")
expect_include_refused(core/records core/metadata/open.h "folder rule broken: core/records/file.cc has #include")
expect_include_refused(core/metadata core/query/open.h "folder rule broken: core/metadata/file.cc has #include")
expect_include_refused(services/records services/catalog/open.h "folder rule broken: services/records/file.cc")
expect_include_refused(services/consuming services/catalog/open.h "folder rule broken: services/consuming/file.cc")
expect_include_refused(services/migration/base services/migration/open.h "folder rule broken: services/migration/base")
expect_include_refused(services/migration/rules services/migration/upload/open.h
  "folder rule broken: services/migration/rules/file.cc has #include \"services/migration/upload/open.h\"")
expect_include_refused(services/migration/scan services/migration/upload/open.h
  "folder rule broken: services/migration/scan/file.cc has #include \"services/migration/upload/open.h\"")
expect_include_refused(services/migration/scan services/migration/open.h
  "folder rule broken: services/migration/scan/file.cc has #include \"services/migration/open.h\"")

# Headers that a module keeps to itself.
expect_include_refused(adapters/alpha platform/http/inner.h
  "private header: adapters/alpha/file.cc has #include \"platform/http/inner.h\", which platform/http does not list")
expect_include_refused(views services/catalog/inner.h "private header: views/file.cc has #include")
expect_refused("a public header that is not there" "a_service lists gone.h under PUBLIC, but there is no such file"
  PUBLIC "a_service|gone.h")
