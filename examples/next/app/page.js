import SignIn from './sign-in';

export default function Page() {
  return (
    <main>
      <h1>Sign in with your face</h1>
      <SignIn />
    </main>
  );
}
