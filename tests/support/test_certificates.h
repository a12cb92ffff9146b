// A certificate authority of the test's own, and a server certificate for localhost and 127.0.0.1 signed by it.
#pragma once

#include <filesystem>

namespace seshat::testing {

struct TestCertificates {
  std::filesystem::path ca_file;  // PEM, as are the others
  std::filesystem::path certificate_file;
  std::filesystem::path key_file;
};

// Valid from yesterday to tomorrow. Throws std::runtime_error where OpenSSL fails.
TestCertificates MakeTestCertificates(const std::filesystem::path& directory);

}  // namespace seshat::testing
