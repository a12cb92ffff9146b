#include "platform/http/curl_api.h"

#include <gtest/gtest.h>

namespace seshat::http {
namespace {

TEST(CurlApi, IsLoadedOnceAndIsTheVersionThatIsNeeded) {
  ASSERT_TRUE(LoadCurl()) << LoadCurl().error().ToString();
  EXPECT_EQ(&LoadCurl(), &LoadCurl());
  EXPECT_STREQ(Curl().easy_strerror(CURLE_OK), "No error");
}

TEST(CurlApi, ALibraryThatIsNotThereIsNamedWithWhatToInstall) {
  const auto api = LoadCurlFrom("libcurl-of-nowhere.so.4");
  ASSERT_FALSE(api);
  EXPECT_EQ(api.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(api.error().message.find("libcurl-of-nowhere.so.4"), std::string::npos) << api.error().message;
  EXPECT_NE(api.error().message.find("install"), std::string::npos) << api.error().message;
}

TEST(CurlApi, ALibraryThatLacksAFunctionIsRefused) {
  const auto api = LoadCurlFrom("libc.so.6");
  ASSERT_FALSE(api);
  EXPECT_EQ(api.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(api.error().message.find("curl_global_init_mem"), std::string::npos) << api.error().message;
}

}  // namespace
}  // namespace seshat::http
