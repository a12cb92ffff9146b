# Two precompiled headers, each made once with the flags of the build and shared by every target:
# seshat_precompiled for what users run, seshat_precompiled_test for tests and conformance suites.
# ccache needs to be told that a precompiled header is the same when its content is.

function(_seshat_precompiled name header)
  add_library(${name} OBJECT ${PROJECT_SOURCE_DIR}/cmake/precompiled/empty.cc)
  target_precompile_headers(${name} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/precompiled/${header})
  target_link_libraries(${name} PRIVATE ${ARGN})
  target_compile_options(${name} PRIVATE ${SESHAT_WARNINGS})
  _seshat_instrument(${name})
endfunction()

function(seshat_make_precompiled)
  _seshat_precompiled(seshat_precompiled library.h fmt::fmt)
  _seshat_precompiled(seshat_precompiled_test test.h fmt::fmt GTest::gtest GTest::gmock rapidcheck_gtest)
  target_compile_options(seshat_precompiled_test PRIVATE ${SESHAT_TEST_OPTIMISATION})
endfunction()
