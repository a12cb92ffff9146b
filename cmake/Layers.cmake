# The layer rule of docs/architecture.md, enforced when CMake configures.
#
#   seshat_library(<name> LAYER <layer> SOURCES <file>... [PUBLIC <header>...] [DEPS <seshat target>...] [LIBS <third party>...])
#   seshat_program(<name> LAYER programs SOURCES ... DEPS ... LIBS ...)
#   seshat_test(<name> SOURCES ... DEPS ... LIBS ... [LABELS <label>...] [TIMEOUT <seconds>])
#
# Three things stop the configure step, each with a message that names the edge:
#   - a target whose DEPS hold an edge that its layer may not have;
#   - an #include that crosses layers, modules of a layer, or folders of core against SESHAT_FOLDER_RULES;
#   - an #include of a module's header that the module does not list under PUBLIC, by another module.
# Tests may look inside a module.

set(SESHAT_MAY_USE_core core)
set(SESHAT_MAY_USE_ports core ports)
set(SESHAT_MAY_USE_platform core ports platform)
set(SESHAT_MAY_USE_services core ports services)
set(SESHAT_MAY_USE_adapters core ports platform)
set(SESHAT_MAY_USE_provisioning core ports platform adapters provisioning)
set(SESHAT_MAY_USE_conformance core ports conformance)
set(SESHAT_MAY_USE_views core ports services views)
set(SESHAT_MAY_USE_composition core ports platform services adapters provisioning composition)
set(SESHAT_MAY_USE_api core ports services views platform api)
set(SESHAT_MAY_USE_lambda core ports services views platform composition lambda)
set(SESHAT_MAY_USE_cli core ports platform services views provisioning composition cli)
set(SESHAT_MAY_USE_programs core platform cli api lambda composition programs)
set(SESHAT_MAY_USE_example core example)
set(SESHAT_MAY_USE_test core ports platform services adapters provisioning conformance views composition api lambda cli
    programs example test)
set(SESHAT_LAYERS core ports platform services adapters provisioning conformance views composition api lambda cli programs)

# Which folders below src/ a file may include from, where that is less than its layer may: "<folder>|<folders>", the
# first rule whose folder holds the file counts. A file's own folder is always allowed.
set(SESHAT_FOLDER_RULES
    "core/base|"
    "core/digest|core/base"
    "core/records|core/base core/digest"
    "core/metadata|core/base"
    "core/query|core/base core/digest core/metadata core/records"
    "services/records|core ports"
    "services/consuming|core ports"
    "services/migration/base|core ports"
    "services/migration/rules|core ports services/migration/base"
    "services/migration/scan|core ports services/migration/base services/migration/rules"
    "services/migration/upload|core ports services/migration/base services/migration/rules services/migration/scan"
    "api|core ports services views platform/http_server")

set(SESHAT_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wformat=2
    # Designated initializers leave members to their defaults on purpose.
    -Wno-missing-field-initializers -Werror)

define_property(TARGET PROPERTY LAYER BRIEF_DOCS "architecture layer" FULL_DOCS "see docs/architecture.md")
define_property(TARGET PROPERTY SESHAT_PUBLIC BRIEF_DOCS "headers for others" FULL_DOCS "below src/")
set_property(GLOBAL PROPERTY SESHAT_TARGETS "")
# Every header that some module lists as its own for others, below src/.
set_property(GLOBAL PROPERTY SESHAT_PUBLIC_HEADERS "")
# The folders below src/ whose modules list their public headers; elsewhere every header is public.
set_property(GLOBAL PROPERTY SESHAT_CLOSED_FOLDERS "")

# Test code is compiled for compile time; what it tests is not.
set(SESHAT_TEST_OPTIMISATION -O0)

function(_seshat_instrument name)
  if(SESHAT_SANITIZE)
    target_compile_options(${name} PUBLIC -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${name} PUBLIC -fsanitize=address,undefined)
  endif()
  if(SESHAT_THREAD_SANITIZE)
    target_compile_options(${name} PUBLIC -fsanitize=thread)
    target_link_options(${name} PUBLIC -fsanitize=thread)
  endif()
endfunction()

function(_seshat_common name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "LAYER" "SOURCES;PUBLIC;DEPS;LIBS")
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_compile_options(${name} PRIVATE ${SESHAT_WARNINGS})
  _seshat_instrument(${name})
  if(TARGET seshat_precompiled)
    if(A_LAYER STREQUAL "conformance" OR GTest::gtest IN_LIST A_LIBS)
      target_compile_options(${name} PRIVATE ${SESHAT_TEST_OPTIMISATION})
      target_precompile_headers(${name} REUSE_FROM seshat_precompiled_test)
    else()
      target_precompile_headers(${name} REUSE_FROM seshat_precompiled)
    endif()
    list(APPEND A_LIBS fmt::fmt)
  endif()
  target_link_libraries(${name} PUBLIC ${A_DEPS} PRIVATE ${A_LIBS})
  set_target_properties(${name} PROPERTIES LAYER ${A_LAYER} SESHAT_DEPS "${A_DEPS}" SESHAT_LIBS "${A_LIBS}")
  set_property(GLOBAL APPEND PROPERTY SESHAT_TARGETS ${name})
endfunction()

function(seshat_library name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "LAYER" "SOURCES;PUBLIC;DEPS;LIBS")
  add_library(${name} STATIC ${A_SOURCES})
  _seshat_common(${name} ${ARGN})
  if(A_PUBLIC)
    file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR}/src ${CMAKE_CURRENT_SOURCE_DIR})
    set_property(GLOBAL APPEND PROPERTY SESHAT_CLOSED_FOLDERS ${folder})
    foreach(header IN LISTS A_PUBLIC)
      if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${header})
        message(FATAL_ERROR "${name} lists ${header} under PUBLIC, but there is no such file")
      endif()
      set_property(GLOBAL APPEND PROPERTY SESHAT_PUBLIC_HEADERS ${folder}/${header})
    endforeach()
  endif()
endfunction()

function(seshat_program name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "LAYER" "SOURCES;DEPS;LIBS")
  add_executable(${name} ${A_SOURCES})
  _seshat_common(${name} ${ARGN})
endfunction()

function(seshat_test name)
  cmake_parse_arguments(PARSE_ARGV 1 A "NO_MAIN" "TIMEOUT" "SOURCES;DEPS;LIBS;LABELS")
  add_executable(${name} ${A_SOURCES})
  set(main GTest::gtest_main)
  if(A_NO_MAIN)
    set(main "")
  endif()
  _seshat_common(${name} LAYER test SOURCES ${A_SOURCES} DEPS ${A_DEPS} LIBS ${A_LIBS} GTest::gtest GTest::gmock ${main})
  add_test(NAME ${name} COMMAND ${name})
  if(NOT A_TIMEOUT)
    set(A_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${A_TIMEOUT} LABELS "${A_LABELS}")
endfunction()

# Called once, after every target exists.
function(seshat_check_layers)
  get_property(targets GLOBAL PROPERTY SESHAT_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(layer ${target} LAYER)
    get_target_property(deps ${target} SESHAT_DEPS)
    foreach(dep IN LISTS deps)
      set(dep_layer "")
      if(TARGET ${dep})
        get_target_property(dep_layer ${dep} LAYER)
      endif()
      if(NOT dep_layer)
        message(FATAL_ERROR "${target} lists ${dep} under DEPS, but it is no Seshat target: use LIBS for third-party libraries")
      endif()
      if(NOT dep_layer IN_LIST SESHAT_MAY_USE_${layer})
        message(FATAL_ERROR "layer rule broken: ${target} (${layer}) may not depend on ${dep} (${dep_layer}); see docs/architecture.md")
      endif()
    endforeach()
    get_target_property(libs ${target} SESHAT_LIBS)
    foreach(lib IN LISTS libs)
      if(lib IN_LIST targets)
        message(FATAL_ERROR "${target} lists ${lib} under LIBS, but it is ours: use DEPS, where the layer rule sees it")
      endif()
    endforeach()
  endforeach()
  seshat_check_includes()
endfunction()

# An #include can cross layers without a link edge (header-only use), so the sources are read as well.
function(seshat_check_includes)
  get_property(public GLOBAL PROPERTY SESHAT_PUBLIC_HEADERS)
  get_property(closed GLOBAL PROPERTY SESHAT_CLOSED_FOLDERS)
  list(JOIN SESHAT_LAYERS "|" layers)
  foreach(layer IN LISTS SESHAT_LAYERS)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/src
      ${PROJECT_SOURCE_DIR}/src/${layer}/*.h ${PROJECT_SOURCE_DIR}/src/${layer}/*.cc)
    foreach(file IN LISTS files)
      file(STRINGS ${PROJECT_SOURCE_DIR}/src/${file} lines REGEX "^#include \"(${layers})/")
      cmake_path(GET file PARENT_PATH folder)
      _seshat_folder_rule(${folder} rule allowed)
      foreach(line IN LISTS lines)
        string(REGEX REPLACE "^#include \"([^\"]+)\".*" "\\1" header "${line}")
        cmake_path(GET header PARENT_PATH from)
        if(NOT from STREQUAL folder)
          _seshat_check_include(${file} ${layer} "${line}" ${header})
        endif()
      endforeach()
    endforeach()
  endforeach()
endfunction()

# One #include of a header of another folder. Besides its arguments it reads what the caller knows of the file's folder
# (folder, rule, allowed), of the header's (from), and of all modules (public, closed).
function(_seshat_check_include file layer line header)
  string(REGEX REPLACE "/.*" "" used "${header}")
  if(layer STREQUAL "adapters" AND used STREQUAL "adapters")
    message(FATAL_ERROR "layer rule broken: ${file} has ${line}: what adapters share belongs into src/platform")
  endif()
  if(NOT used IN_LIST SESHAT_MAY_USE_${layer})
    message(FATAL_ERROR "layer rule broken: ${file} (${layer}) has ${line}; see docs/architecture.md")
  endif()
  if(rule)
    _seshat_is_within(${from} "${rule};${allowed}" inside)
    if(NOT inside)
      list(JOIN allowed ", " others)
      if(NOT allowed)
        set(others "only itself")
      endif()
      message(FATAL_ERROR "folder rule broken: ${file} has ${line}, but ${rule} may use ${others}; see SESHAT_FOLDER_RULES")
    endif()
  endif()
  _seshat_closed_folder(${from} "${closed}" home)
  if(home AND NOT header IN_LIST public)
    _seshat_is_within(${folder} "${home}" inside)
    if(NOT inside)
      message(FATAL_ERROR "private header: ${file} has ${line}, which ${home} does not list under PUBLIC")
    endif()
  endif()
endfunction()

# The first rule of SESHAT_FOLDER_RULES for `folder`: its folder and a list of what it may use; empty where none is.
function(_seshat_folder_rule folder rule_out allowed_out)
  set(${rule_out} "" PARENT_SCOPE)
  set(${allowed_out} "" PARENT_SCOPE)
  foreach(rule IN LISTS SESHAT_FOLDER_RULES)
    string(REGEX REPLACE "\\|.*" "" about "${rule}")
    _seshat_is_within(${folder} "${about}" inside)
    if(inside)
      string(REGEX REPLACE ".*\\|" "" allowed "${rule}")
      string(REPLACE " " ";" allowed "${allowed}")
      set(${rule_out} ${about} PARENT_SCOPE)
      set(${allowed_out} "${allowed}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# True where `folder` is one of `folders` or lies in one.
function(_seshat_is_within folder folders out)
  set(${out} FALSE PARENT_SCOPE)
  foreach(outer IN LISTS folders)
    string(FIND "${folder}/" "${outer}/" at)
    if(at EQUAL 0)
      set(${out} TRUE PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# The innermost closed folder that holds `folder`, or nothing.
function(_seshat_closed_folder folder closed out)
  set(best "")
  foreach(outer IN LISTS closed)
    string(FIND "${folder}/" "${outer}/" at)
    if(at EQUAL 0)
      string(LENGTH "${outer}" length)
      string(LENGTH "${best}" longest)
      if(length GREATER longest)
        set(best ${outer})
      endif()
    endif()
  endforeach()
  set(${out} "${best}" PARENT_SCOPE)
endfunction()
