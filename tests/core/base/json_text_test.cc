#include "core/base/json_text.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>

#include "core/base/utf8.h"
#include "support/generators.h"

namespace seshat {
namespace {

// C1 controls and bidirectional overrides went to the terminal as they were.
TEST(JsonText, NoControlReachesTheTerminal) {
  EXPECT_EQ(EscapeControlsInJson("{\"v\":\"a\xC2\x9B\x32J\x7F\"}"), "{\"v\":\"a\\u009b2J\\u007f\"}");
  EXPECT_EQ(EscapeControlsInJson("\"\xE2\x80\xAE\xEF\xBB\xBF\""), "\"\\u202e\\ufeff\"");
  EXPECT_EQ(EscapeControlsInJson("{\n  \"grün\": [1, 2]\n}\n"), "{\n  \"grün\": [1, 2]\n}\n");
}

RC_GTEST_PROP(JsonTextProperty, TheValueIsTheSameAndSafe, ()) {
  const boost::json::value value{{"text", ReplaceInvalidUtf8(*testing::AnyText())}, {"n", 1}};
  const std::string escaped = EscapeControlsInJson(boost::json::serialize(value));
  RC_ASSERT(boost::json::parse(escaped) == value);
  RC_ASSERT(EscapeForTerminal(escaped) == escaped);
}

}  // namespace
}  // namespace seshat
