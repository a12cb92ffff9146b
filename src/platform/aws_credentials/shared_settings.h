// What the environment and the shared files say about AWS where Seshat's own configuration is silent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "platform/aws_credentials/profile_files.h"
#include "platform/aws_credentials/surroundings.h"

namespace seshat::aws {

// An immutable snapshot. Thread safety: every method may be called from several threads at once.
class SharedSettings {
 public:
  // Reads the files named by AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, or those in ~/.aws; a file that is not
  // there is empty. `profile`: of our own configuration; empty: AWS_PROFILE, AWS_DEFAULT_PROFILE, "default".
  // kInvalidArgument for a file that cannot be read as such, kUnauthenticated for a profile that was asked for by name
  // and is not there.
  static Result<SharedSettings> Read(const Surroundings& surroundings, std::string_view profile);

  const ProfileFiles& files() const { return files_; }
  const std::string& profile() const { return profile_; }
  // Whether our own configuration names the profile: then it stands above keys in the environment, as with the aws
  // command's --profile.
  bool profile_is_ours() const { return profile_is_ours_; }

  // AWS_REGION, AWS_DEFAULT_REGION, the profile's region.
  std::optional<std::string> Region() const { return region_; }
  // AWS_CA_BUNDLE, the profile's ca_bundle.
  std::optional<std::string> CaFile() const { return ca_file_; }
  // Of a service ("s3", "sns", "sqs", "sts"): AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, the profile's [services] section,
  // its endpoint_url; nothing at all with AWS_IGNORE_CONFIGURED_ENDPOINT_URLS.
  std::optional<std::string> Endpoint(std::string_view service) const;

 private:
  SharedSettings() = default;
  const ProfileSection* Section() const { return files_.FindProfile(profile_); }

  Surroundings surroundings_;
  ProfileFiles files_;
  std::string profile_;
  bool profile_is_ours_ = false;
  std::optional<std::string> region_;
  std::optional<std::string> ca_file_;
};

}  // namespace seshat::aws
