// The real engines that `scripts/engines run` has started, for tests with the ctest label `engines`.
//
//   int main(int argc, char** argv) {
//     ::testing::InitGoogleTest(&argc, argv);
//     if (const auto url = seshat::testing::EngineUrl("SESHAT_ENGINE_MOTO", "BlobStore/s3_moto"))
//       seshat::conformance::RegisterBlobStoreSuite("s3_moto", …);
//     return RUN_ALL_TESTS();
//   }
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace seshat::testing {

// The engine's base URL from the environment variable `variable`, without a '/' at its end. Where it is not set:
// ends the program with status 1 when `adapter` is among the comma-separated names in SESHAT_REQUIRE_ADAPTERS,
// otherwise says on standard output that `adapter` is not run, and answers nothing.
std::optional<std::string> EngineUrl(std::string_view variable, std::string_view adapter);

// Another variable of the same engine, such as SESHAT_ENGINE_VERSITYGW_SECRET_KEY; empty where it is not set.
std::string EngineVariable(std::string_view variable);

// Whether `adapter` is one of the names in `required`, a list with commas.
bool IsRequired(std::string_view adapter, std::string_view required);

}  // namespace seshat::testing
